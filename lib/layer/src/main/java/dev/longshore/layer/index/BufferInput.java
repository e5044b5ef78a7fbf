package dev.longshore.layer.index;

import java.io.InputStream;
import java.nio.ByteBuffer;

/** The rest of a buffer as a stream; reading moves its position. */
final class BufferInput extends InputStream {
  private final ByteBuffer buffer;

  BufferInput(ByteBuffer buffer) {
    this.buffer = buffer;
  }

  @Override
  public int read() {
    return buffer.hasRemaining() ? Byte.toUnsignedInt(buffer.get()) : -1;
  }

  @Override
  public int read(byte[] into, int offset, int length) {
    if (length == 0) {
      return 0;
    }
    int count = Math.min(length, buffer.remaining());
    if (count == 0) {
      return -1;
    }
    buffer.get(into, offset, count);
    return count;
  }

  @Override
  public int available() {
    return buffer.remaining();
  }
}
