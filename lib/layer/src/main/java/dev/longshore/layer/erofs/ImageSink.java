package dev.longshore.layer.erofs;

import dev.longshore.layer.RawText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/** Gathers what is written of an image, little-endian, and hands it on in large pieces. */
final class ImageSink {

  private static final int BUFFER = 256 << 10;

  private final WritableByteChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
  private long flushed;

  ImageSink(WritableByteChannel channel) {
    this.channel = channel;
  }

  /** Bytes written so far. */
  long position() {
    return flushed + buffer.position();
  }

  void putByte(int value) throws IOException {
    room(Byte.BYTES).put((byte) value);
  }

  void putShort(int value) throws IOException {
    room(Short.BYTES).putShort((short) value);
  }

  /** Puts the lower 32 bits. */
  void putInt(long value) throws IOException {
    room(Integer.BYTES).putInt((int) value);
  }

  void putLong(long value) throws IOException {
    room(Long.BYTES).putLong(value);
  }

  void putBigEndian(long value) throws IOException {
    putLong(Long.reverseBytes(value));
  }

  /** Puts raw text of up to 64 KiB. */
  void putText(String raw) throws IOException {
    room(raw.length()).put(RawText.bytes(raw));
  }

  void putZeros(int count) throws IOException {
    padTo(position() + count);
  }

  /** Puts zeros up to a position that is not behind this one. */
  void padTo(long position) throws IOException {
    long missing = position - position();
    if (missing < 0) {
      throw new IllegalStateException(
          "an image was planned to be at %d and is at %d".formatted(position, position()));
    }
    while (missing > 0) {
      int now = (int) Math.min(missing, BUFFER);
      room(now).put(new byte[now]);
      missing -= now;
    }
  }

  /** Hands on what is left of an image of this size. */
  void finish(long size) throws IOException {
    padTo(size);
    flush();
  }

  private ByteBuffer room(int bytes) throws IOException {
    if (buffer.remaining() < bytes) {
      flush();
    }
    return buffer;
  }

  private void flush() throws IOException {
    if (flushed == 0) {
      Superblock.seal(buffer);
    }
    buffer.flip();
    flushed += buffer.limit();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }
}
