package dev.longshore.swarm.wire;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * The bytes of one piece, in one buffer that they were read into. Whoever holds it owns its buffer
 * and ends with {@link #release}; one thread at a time.
 */
public final class PieceBytes {
  private final PieceBuffers home;
  private final ByteBuf buffer;
  private final int length;
  private int filled;

  /**
   * An empty piece.
   *
   * @param length bytes it will have
   */
  public PieceBytes(PieceBuffers home, int length) {
    this.home = home;
    this.buffer = home.take(length);
    this.length = length;
  }

  /** Copies what is still missing, at most, from the front of {@code in}. */
  int take(ByteBuf in) {
    int count = Math.min(in.readableBytes(), length - filled);
    buffer.setBytes(filled, in, in.readerIndex(), count);
    in.skipBytes(count);
    filled += count;
    return count;
  }

  /** Where the missing bytes belong, empty and as long as they are; the caller releases it. */
  ByteBuf retainedRoom() {
    return buffer.retainedSlice(filled, length - filled).clear();
  }

  /** The place of the missing bytes; valid until {@link #release}. */
  public ByteBuffer room() {
    return buffer.nioBuffer(filled, length - filled);
  }

  /** So many bytes were put where they belong. */
  public void filled(int count) {
    if (count < 0 || count > length - filled) {
      throw new IllegalArgumentException(
          count + " bytes more, where " + (length - filled) + " are missing");
    }
    filled += count;
  }

  /** Whether every byte is here. */
  public boolean isWhole() {
    return filled == length;
  }

  /** Bytes of the whole piece. */
  public int length() {
    return length;
  }

  /** Fresh views of the bytes, in order; valid until {@link #release}. */
  public ByteBuffer[] buffers() {
    return new ByteBuffer[] {buffer.nioBuffer(0, filled)};
  }

  /** Gives the buffer back; once. */
  public void release() {
    home.giveBack(buffer);
  }
}
