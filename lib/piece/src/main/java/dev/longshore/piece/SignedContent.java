package dev.longshore.piece;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * Bytes with a signature over them: {@code key id (8) | signature (64) | content}.
 *
 * @param keyId of the key that is said to have signed it, {@link #KEY_ID_BYTES} long
 * @param signature {@link #SIGNATURE_BYTES} long
 */
// None is compared or printed: the arrays are only carried.
@SuppressWarnings("ArrayRecordComponent")
record SignedContent(byte[] keyId, byte[] signature, byte[] content) {
  static final int KEY_ID_BYTES = 8;
  static final int SIGNATURE_BYTES = 64;
  static final int HEADER_BYTES = KEY_ID_BYTES + SIGNATURE_BYTES;

  /** Takes it apart and checks nothing; empty when it is too short. */
  static Optional<SignedContent> split(byte[] encoded) {
    if (encoded.length < HEADER_BYTES) {
      return Optional.empty();
    }
    return Optional.of(
        new SignedContent(
            Arrays.copyOfRange(encoded, 0, KEY_ID_BYTES),
            Arrays.copyOfRange(encoded, KEY_ID_BYTES, HEADER_BYTES),
            Arrays.copyOfRange(encoded, HEADER_BYTES, encoded.length)));
  }

  byte[] encode() {
    return ByteBuffer.allocate(HEADER_BYTES + content.length)
        .put(keyId)
        .put(signature)
        .put(content)
        .array();
  }
}
