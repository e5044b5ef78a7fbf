package dev.longshore.piece;

/**
 * How a blob of {@code size} bytes is cut into pieces of {@code pieceSize} bytes, the last one
 * shorter.
 *
 * <p>Every piece size is a power of two from {@link #MIN_PIECE_SIZE} to {@link #MAX_PIECE_SIZE}. A
 * blob smaller than a piece is one piece; an empty blob has no pieces.
 *
 * @param size bytes in the blob, 0 to {@link #MAX_BLOB_SIZE}
 * @param pieceSize bytes in every piece but the last
 */
public record PieceLayout(long size, int pieceSize) {

  /** 256 KiB. */
  public static final int MIN_PIECE_SIZE = 256 << 10;

  /** 4 MiB. */
  public static final int MAX_PIECE_SIZE = 4 << 20;

  /** 4 TiB: a million of the largest pieces, so that a map stays within 32 MiB. */
  public static final long MAX_BLOB_SIZE = 4L << 40;

  /*
   * What a piece costs beside its bytes (requests, wake-ups, news, an entry in the index) goes with
   * their number, so a larger blob has larger pieces. Up to 1 MiB they grow soon, since a thousand
   * pieces are enough for many members to exchange; from there on late, since a reader that wants a
   * few bytes waits for a piece, and so does a member that has nothing yet. docs/decisions/0020.
   */

  /** Pieces of less than 1 MiB double beyond so many. */
  private static final int ENOUGH_PIECES = 1024;

  /** Larger ones double beyond so many; only a blob beyond 16 GiB has more. */
  private static final int MOST_PIECES = 4096;

  private static final int MEDIUM_PIECE_SIZE = 1 << 20;

  public PieceLayout {
    if (size < 0 || size > MAX_BLOB_SIZE) {
      throw new IllegalArgumentException(
          "blob size must be 0 to " + MAX_BLOB_SIZE + " bytes, found " + size);
    }
    if (pieceSize < MIN_PIECE_SIZE
        || pieceSize > MAX_PIECE_SIZE
        || Integer.bitCount(pieceSize) != 1) {
      throw new IllegalArgumentException(
          "piece size must be a power of two from "
              + MIN_PIECE_SIZE
              + " to "
              + MAX_PIECE_SIZE
              + ", found "
              + pieceSize);
    }
  }

  /**
   * The layout every holder of a blob of this size computes: few pieces, but not too large ones.
   */
  public static PieceLayout forSize(long size) {
    int pieceSize = MIN_PIECE_SIZE;
    while (pieceSize < MAX_PIECE_SIZE && (long) pieceSize * piecesOf(pieceSize) < size) {
      pieceSize <<= 1;
    }
    return new PieceLayout(size, pieceSize);
  }

  private static int piecesOf(int pieceSize) {
    return pieceSize < MEDIUM_PIECE_SIZE ? ENOUGH_PIECES : MOST_PIECES;
  }

  /** Number of pieces. */
  public int count() {
    return Math.toIntExact((size + pieceSize - 1) / pieceSize);
  }

  /** Offset in the blob of the first byte of a piece. */
  public long offset(int piece) {
    checkPiece(piece);
    return (long) piece * pieceSize;
  }

  /** Bytes in a piece. */
  public int length(int piece) {
    return Math.toIntExact(Math.min(pieceSize, size - offset(piece)));
  }

  /** The piece that holds the byte at this offset. */
  public int pieceAt(long offset) {
    if (offset < 0 || offset >= size) {
      throw new IllegalArgumentException("offset " + offset + " is outside a blob of " + size);
    }
    return Math.toIntExact(offset / pieceSize);
  }

  private void checkPiece(int piece) {
    if (piece < 0 || piece >= count()) {
      throw new IllegalArgumentException(
          "piece " + piece + " is outside a blob of " + count() + " pieces");
    }
  }
}
