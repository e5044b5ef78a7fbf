package dev.longshore.piece;

import dev.longshore.oci.Digest;
import java.util.Arrays;

/**
 * A piece map with the Ed25519 signature (RFC 8032) of a cluster key over its binary form.
 *
 * <p>Binary form: {@code key id (8) | signature (64) | map}. The only ways to get one are {@link
 * ClusterKey#sign} and {@link TrustedKeys#open}: holding one means that it was checked.
 */
public final class SignedPieceMap implements VouchedPieceMap {
  private final PieceMap map;
  private final byte[] encoded;

  SignedPieceMap(PieceMap map, SignedContent signed) {
    this.map = map;
    this.encoded = signed.encode();
  }

  /**
   * The blob that an encoded signed map says it is of. Nothing is verified: this is for those who
   * only pass maps on.
   *
   * @throws MalformedPieceMapException if it is not one
   */
  public static Digest digestOf(byte[] encoded) throws MalformedPieceMapException {
    return PieceMap.decode(split(encoded).content()).digest();
  }

  static SignedContent split(byte[] encoded) throws MalformedPieceMapException {
    return SignedContent.split(encoded)
        .orElseThrow(() -> new MalformedPieceMapException("cut short at byte " + encoded.length));
  }

  @Override
  public PieceMap map() {
    return map;
  }

  /** The binary form, a copy. */
  public byte[] encode() {
    return encoded.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SignedPieceMap that && Arrays.equals(encoded, that.encoded);
  }

  @Override
  public int hashCode() {
    return map.hashCode();
  }

  @Override
  public String toString() {
    return "Signed" + map;
  }
}
