package dev.longshore.piece;

import dev.longshore.oci.Digest;
import java.util.Optional;

/**
 * The map of a blob that is one piece: its only hash is the blob's digest, so nobody has to sign
 * it. Its size is as good as whoever told it; with a wrong one no bytes match.
 *
 * @param map of one piece
 */
public record LonePieceMap(PieceMap map) implements VouchedPieceMap {

  /** The largest blob that may have one: every layout makes it a single piece. */
  public static final int MAX_SIZE = PieceLayout.MIN_PIECE_SIZE;

  public LonePieceMap {
    if (!map.equals(mapOf(map.digest(), map.layout().size()))) {
      throw new IllegalArgumentException("not the map of a lone piece: " + map);
    }
  }

  /**
   * The map of a blob, if it is that small and named by the hash that pieces have (SHA-256).
   *
   * @param size bytes, as a manifest says, or anybody
   */
  public static Optional<LonePieceMap> of(Digest digest, long size) {
    return isPossible(digest, size)
        ? Optional.of(new LonePieceMap(mapOf(digest, size)))
        : Optional.empty();
  }

  /** Whether a blob has such a map. */
  public static boolean isPossible(Digest digest, long size) {
    return digest.algorithm() == Digest.Algorithm.SHA256 && size > 0 && size <= MAX_SIZE;
  }

  private static PieceMap mapOf(Digest digest, long size) {
    if (!isPossible(digest, size)) {
      throw new IllegalArgumentException(
          "a lone piece has 1 to "
              + MAX_SIZE
              + " bytes and a SHA-256 digest, found "
              + size
              + " bytes of "
              + digest);
    }
    return new PieceMap(digest, new PieceLayout(size, PieceLayout.MIN_PIECE_SIZE), digest.hash());
  }
}
