package dev.longshore.layer.span;

import java.nio.ByteBuffer;
import java.util.OptionalInt;

/** The header of a zstd frame (RFC 8878, section 3.1). */
final class ZstdFrame {
  static final int MAGIC = 0xfd2fb528;

  /** Most that a frame may ask a decoder to keep. */
  static final long MAX_WINDOW = 128L << 20;

  /** Magic and size of a skippable frame. */
  static final int SKIPPABLE_HEADER = 8;

  private static final int SKIPPABLE_MAGIC = 0x184d2a50;
  private static final int SINGLE_SEGMENT = 1 << 5;
  private static final int[] DICTIONARY_ID_BYTES = {0, 1, 2, 4};

  private ZstdFrame() {}

  /** Whether a decoder is to skip the frame that begins so. */
  static boolean isSkippable(int magic) {
    return (magic & 0xfffffff0) == SKIPPABLE_MAGIC;
  }

  /**
   * Looks at a header of a frame that is not skippable.
   *
   * @param bytes little-endian, from the frame's first byte on, as far as there are any; not
   *     changed
   * @param blobOffset of the frame, for messages
   * @return how long the header is, empty if more bytes are needed to say
   * @throws MalformedLayerException if it is none, needs a dictionary or too large a window
   */
  static OptionalInt check(ByteBuffer bytes, long blobOffset) throws MalformedLayerException {
    int at = bytes.position();
    if (bytes.remaining() < Integer.BYTES + 1) {
      return OptionalInt.empty();
    }
    int magic = bytes.getInt(at);
    if (magic != MAGIC) {
      throw new MalformedLayerException(
          blobOffset, "the magic number of a zstd frame", "0x%08x".formatted(magic));
    }
    int descriptor = bytes.get(at + Integer.BYTES) & 0xff;
    boolean single = (descriptor & SINGLE_SEGMENT) != 0;
    int idBytes = DICTIONARY_ID_BYTES[descriptor & 3];
    int sizeCode = descriptor >>> 6;
    int sizeBytes = sizeCode == 0 ? (single ? 1 : 0) : 1 << sizeCode;
    int idAt = Integer.BYTES + 1 + (single ? 0 : 1);
    int length = idAt + idBytes + sizeBytes;
    if (bytes.remaining() < length) {
      return OptionalInt.empty();
    }
    if (number(bytes, at + idAt, idBytes) != 0) {
      throw new MalformedLayerException(
          blobOffset, "a zstd frame without a dictionary", "one that needs one");
    }
    long window =
        single
            ? number(bytes, at + idAt + idBytes, sizeBytes) + (sizeBytes == 2 ? 256 : 0)
            : window(bytes.get(at + Integer.BYTES + 1) & 0xff);
    if (window < 0 || window > MAX_WINDOW) {
      throw new MalformedLayerException(
          blobOffset,
          "a zstd frame with a window of at most %d bytes".formatted(MAX_WINDOW),
          Long.toUnsignedString(window));
    }
    return OptionalInt.of(length);
  }

  private static long window(int descriptor) {
    long base = 1L << (10 + (descriptor >>> 3));
    return base + (base >>> 3) * (descriptor & 7);
  }

  private static long number(ByteBuffer bytes, int at, int count) {
    long number = 0;
    for (int i = 0; i < count; i++) {
      number |= (bytes.get(at + i) & 0xffL) << (i * Byte.SIZE);
    }
    return number;
  }
}
