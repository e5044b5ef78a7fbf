package dev.longshore.layer.span;

import java.nio.ByteBuffer;

/** Bytes of a blob between whoever brings them and the decoder that they wait for. */
final class BlobInput {
  private static final int CAPACITY = 64 << 10;

  final byte[] bytes = new byte[CAPACITY];

  /** Index of the first byte that is not used; the one before it is kept. */
  int start;

  /** Index behind the last byte. */
  int end;

  /** Offset in the blob of the byte at index 0. */
  private long origin;

  /** Forgets all bytes; the next one that is offered has this offset in the blob. */
  void seek(long position) {
    start = 0;
    end = 0;
    origin = position;
  }

  /** Takes as many bytes of a chunk as there is room for, maybe none. */
  void offer(ByteBuffer chunk) {
    if (start > 1 && (start == end || end == CAPACITY)) {
      int dropped = start - 1;
      System.arraycopy(bytes, dropped, bytes, 0, end - dropped);
      origin += dropped;
      start = 1;
      end -= dropped;
    }
    int count = Math.min(chunk.remaining(), CAPACITY - end);
    chunk.get(bytes, end, count);
    end += count;
  }

  /** How many bytes are not used. */
  int available() {
    return end - start;
  }

  /** Uses one byte; there must be one. */
  int takeByte() {
    return bytes[start++] & 0xff;
  }

  /** The byte before {@link #position}; one must have been offered. */
  int lastByte() {
    return bytes[start - 1] & 0xff;
  }

  /** Copies what is not used, and says how many bytes. */
  int peek(byte[] into) {
    int count = Math.min(available(), into.length);
    System.arraycopy(bytes, start, into, 0, count);
    return count;
  }

  /** Offset in the blob of the first byte that is not used. */
  long position() {
    return origin + start;
  }
}
