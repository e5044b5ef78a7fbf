package dev.longshore.bench.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import java.util.function.Function;

/** Reads a socket to where somebody says. */
final class ReceiveInPlace extends DefaultMaxMessagesRecvByteBufAllocator {
  private final Function<ByteBufAllocator, ByteBuf> room;

  ReceiveInPlace(Function<ByteBufAllocator, ByteBuf> room) {
    this.room = room;
  }

  @Override
  @SuppressWarnings("deprecation") // Netty has no other way to say where to read to
  public Handle newHandle() {
    return new MaxMessageHandle() {
      @Override
      public int guess() {
        return PieceFile.PIECE;
      }

      @Override
      public ByteBuf allocate(ByteBufAllocator allocator) {
        return room.apply(allocator);
      }
    };
  }
}
