package dev.longshore.piece;

import java.util.Arrays;

/**
 * A statement which blob is a layer's index, with the Ed25519 signature (RFC 8032) of a cluster key
 * over its binary form.
 *
 * <p>Binary form: {@code key id (8) | signature (64) | statement}. The only ways to get one are
 * {@link ClusterKey#sign(IndexStatement)} and {@link TrustedKeys#openStatement}: holding one means
 * that it was checked.
 */
public final class SignedIndexStatement {

  /** The most bytes that the binary form has, for those who read it from a network. */
  public static final int MAX_BYTES = 256;

  private final IndexStatement statement;
  private final byte[] encoded;

  SignedIndexStatement(IndexStatement statement, SignedContent signed) {
    this.statement = statement;
    this.encoded = signed.encode();
  }

  public IndexStatement statement() {
    return statement;
  }

  /** The binary form, a copy. */
  public byte[] encode() {
    return encoded.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SignedIndexStatement that && Arrays.equals(encoded, that.encoded);
  }

  @Override
  public int hashCode() {
    return statement.hashCode();
  }

  @Override
  public String toString() {
    return "Signed" + statement;
  }
}
