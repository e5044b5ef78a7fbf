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

  /** As many pieces as {@link #forSize} aims at; only a blob beyond 16 GiB has more. */
  static final int TARGET_PIECES = 4096;

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
    while (pieceSize < MAX_PIECE_SIZE && (long) pieceSize * TARGET_PIECES < size) {
      pieceSize <<= 1;
    }
    return new PieceLayout(size, pieceSize);
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
