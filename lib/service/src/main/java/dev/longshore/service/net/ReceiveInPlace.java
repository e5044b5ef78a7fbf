package dev.longshore.service.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import java.util.function.Function;

/** Reads a socket to where somebody says, such as to where the bytes of a piece belong. */
public final class ReceiveInPlace extends DefaultMaxMessagesRecvByteBufAllocator {
  private final int usual;
  private final Function<ByteBufAllocator, ByteBuf> room;

  /**
   * A way to receive, for one connection.
   *
   * @param usual size of what {@code room} gives mostly, which Netty asks for when it makes room by
   *     itself
   * @param room for the next read, whose ownership passes; asked before each on the event loop
   */
  public ReceiveInPlace(int usual, Function<ByteBufAllocator, ByteBuf> room) {
    this.usual = usual;
    this.room = room;
  }

  @Override
  @SuppressWarnings("deprecation") // Netty has no other way to say where to read to
  public Handle newHandle() {
    return new MaxMessageHandle() {
      @Override
      public int guess() {
        return usual;
      }

      @Override
      public ByteBuf allocate(ByteBufAllocator allocator) {
        return room.apply(allocator);
      }
    };
  }
}
