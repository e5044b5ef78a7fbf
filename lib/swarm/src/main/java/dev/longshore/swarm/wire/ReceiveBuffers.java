package dev.longshore.swarm.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;

/**
 * Lets a connection in the clear read the bytes of a piece to where they belong, with as few reads
 * as the socket allows, and everything else into small buffers.
 */
final class ReceiveBuffers extends DefaultMaxMessagesRecvByteBufAllocator {
  /** Some hundred frames; as much of a piece at most comes with its head and is copied. */
  private static final int SMALL = 8 << 10;

  private final FrameDecoder decoder;

  ReceiveBuffers(FrameDecoder decoder) {
    this.decoder = decoder;
  }

  @Override
  @SuppressWarnings("deprecation") // Netty has no other way to say where to read to
  public Handle newHandle() {
    return new MaxMessageHandle() {
      @Override
      public int guess() {
        return SMALL;
      }

      @Override
      public ByteBuf allocate(ByteBufAllocator allocator) {
        ByteBuf room = decoder.lendRoom();
        return room != null ? room : allocator.ioBuffer(SMALL);
      }
    };
  }
}
