package dev.longshore.piece;

import dev.longshore.oci.Digest;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * Computes a piece map from a blob that streams past once, in order.
 *
 * <p>Hashes pieces only: the digest of the whole blob is the caller's to compute, since the origin
 * has it already from the upload. Not thread-safe.
 */
public final class PieceMapBuilder {
  private final PieceLayout layout;
  private final MessageDigest hasher = PieceMap.newHasher();
  private final byte[] hashes;
  private int piece;
  private int filled;

  public PieceMapBuilder(PieceLayout layout) {
    this.layout = layout;
    this.hashes = new byte[Math.multiplyExact(layout.count(), PieceMap.HASH_BYTES)];
  }

  /**
   * The next bytes of the blob; consumes all that remain in {@code bytes}.
   *
   * @throws IllegalArgumentException if the blob is longer than the layout says
   */
  public void update(ByteBuffer bytes) {
    int limit = bytes.limit();
    while (bytes.hasRemaining()) {
      if (piece == layout.count()) {
        throw new IllegalArgumentException("more bytes than the " + layout.size() + " announced");
      }
      int take = Math.min(bytes.remaining(), layout.length(piece) - filled);
      bytes.limit(bytes.position() + take);
      hasher.update(bytes);
      bytes.limit(limit);
      filled += take;
      if (filled == layout.length(piece)) {
        byte[] hash = hasher.digest();
        System.arraycopy(hash, 0, hashes, piece * PieceMap.HASH_BYTES, PieceMap.HASH_BYTES);
        piece++;
        filled = 0;
      }
    }
  }

  /**
   * The finished map.
   *
   * @throws IllegalStateException if bytes are missing
   */
  public PieceMap finish(Digest digest) {
    if (piece != layout.count()) {
      throw new IllegalStateException(
          "only " + piece + " of " + layout.count() + " pieces of " + digest + " were seen whole");
    }
    return new PieceMap(digest, layout, Arrays.copyOf(hashes, hashes.length));
  }
}
