package dev.longshore.swarm.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of one piece as they came off the wire, without being copied together. Whoever holds it
 * owns its buffers and ends with {@link #release}; one thread at a time.
 */
public final class PieceBytes {
  /*
   * A slice pins the whole receive buffer it is cut from. Slices that use most of their buffer are
   * kept as they are; crumbs are copied into a tail buffer, so that a sender who dribbles cannot
   * make a piece cost many times its size.
   */
  private static final int CRUMB = 8 << 10;
  private static final int TAIL = 64 << 10;

  private final List<ByteBuf> parts = new ArrayList<>();
  private final int length;
  private int filled;
  private boolean tailOpen;

  /**
   * An empty piece.
   *
   * @param length bytes it will have
   */
  public PieceBytes(int length) {
    this.length = length;
  }

  /** A piece that is whole in one buffer, whose ownership passes. */
  public static PieceBytes of(ByteBuf whole) {
    PieceBytes bytes = new PieceBytes(whole.readableBytes());
    bytes.parts.add(whole);
    bytes.filled = bytes.length;
    return bytes;
  }

  /** Takes what is still missing, at most, from the front of {@code in}. */
  int take(ByteBuf in, ByteBufAllocator allocator) {
    int count = Math.min(in.readableBytes(), length - filled);
    if (count >= CRUMB && 2L * count >= in.capacity()) {
      parts.add(in.readRetainedSlice(count));
      tailOpen = false;
    } else {
      copy(in, count, allocator);
    }
    filled += count;
    return count;
  }

  private void copy(ByteBuf in, int count, ByteBufAllocator allocator) {
    int left = count;
    while (left > 0) {
      if (!tailOpen || parts.getLast().writableBytes() == 0) {
        parts.add(allocator.directBuffer(Math.min(TAIL, length - filled), TAIL));
        tailOpen = true;
      }
      ByteBuf tail = parts.getLast();
      int now = Math.min(left, tail.writableBytes());
      tail.writeBytes(in, now);
      left -= now;
    }
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
    ByteBuffer[] views = new ByteBuffer[parts.size()];
    for (int i = 0; i < views.length; i++) {
      views[i] = parts.get(i).nioBuffer();
    }
    return views;
  }

  /** Gives the buffers back; once. */
  public void release() {
    parts.forEach(ByteBuf::release);
    parts.clear();
    tailOpen = false;
  }
}
