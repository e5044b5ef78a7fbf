package dev.longshore.bench.transport;

import dev.longshore.service.net.ReceiveInPlace;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.RecvByteBufAllocator;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Asks for pieces and puts every byte where it belongs: read to there from a socket in the clear,
 * as an agent does, or copied to there from what decrypts or from a ring. Owned by the connection's
 * event loop.
 */
final class PieceInput extends ChannelInboundHandlerAdapter {
  private static final int ASKED_AHEAD = 16;

  /** More than a core's cache holds, so that bytes are not received into what is still warm. */
  private static final int PLACES = 16;

  private final CompletableFuture<Integer> done = new CompletableFuture<>();
  private final List<ByteBuf> places = new ArrayList<>();
  private final int wanted;
  private final int pieces;
  private final int @Nullable [] checksums;
  private int asked;
  private int whole;
  private int filled;
  private @Nullable ByteBuf lent;

  /**
   * Not begun.
   *
   * @param wanted how many pieces to ask for
   * @param pieces how many there are, which are asked for in turns
   * @param checksums of each of those, or null to only count bytes
   */
  PieceInput(int wanted, int pieces, int @Nullable [] checksums) {
    this.wanted = wanted;
    this.pieces = pieces;
    this.checksums = checksums;
    for (int i = 0; i < PLACES; i++) {
      places.add(UnpooledByteBufAllocator.DEFAULT.directBuffer(PieceFile.PIECE, PieceFile.PIECE));
    }
  }

  /** How many pieces came; fails at the first byte that is missing, wrong or too many. */
  CompletableFuture<Integer> done() {
    return done;
  }

  /** Makes the connection read to where the bytes belong. */
  RecvByteBufAllocator intoPlace() {
    return new ReceiveInPlace(PieceFile.PIECE, this::lendRoom);
  }

  private ByteBuf lendRoom(ByteBufAllocator allocator) {
    if (whole == wanted) {
      return allocator.ioBuffer(1);
    }
    ByteBuf room = place().retainedSlice(filled, PieceFile.PIECE - filled).clear();
    lent = room;
    return room;
  }

  private ByteBuf place() {
    return places.get(whole % PLACES);
  }

  /** Event loop: the connection is ready, under TLS when its handshake is over. */
  void begin(ChannelHandlerContext context) {
    ask(context, Math.min(ASKED_AHEAD, wanted));
  }

  private void ask(ChannelHandlerContext context, int count) {
    if (count == 0) {
      return;
    }
    ByteBuf request = context.alloc().directBuffer(count * Integer.BYTES);
    for (int i = 0; i < count; i++) {
      request.writeInt(asked++ % pieces);
    }
    var _ = context.writeAndFlush(request);
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // the very buffer that was lent, not one of equal bytes
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    int before = whole;
    try {
      if (bytes == lent) {
        arrived(bytes.readableBytes());
      } else {
        copy(bytes);
      }
    } catch (IOException e) {
      fail(context, e);
    } finally {
      lent = null;
      bytes.release();
    }
    ask(context, Math.min(whole - before, wanted - asked));
    if (whole == wanted) {
      done.complete(whole);
    }
  }

  private void copy(ByteBuf bytes) throws IOException {
    while (bytes.isReadable()) {
      if (whole == wanted) {
        throw new IOException(bytes.readableBytes() + " bytes more than were asked for");
      }
      int count = Math.min(bytes.readableBytes(), PieceFile.PIECE - filled);
      place().setBytes(filled, bytes, bytes.readerIndex(), count);
      bytes.skipBytes(count);
      arrived(count);
    }
  }

  private void arrived(int count) throws IOException {
    filled += count;
    if (filled == PieceFile.PIECE) {
      int piece = whole % pieces;
      if (checksums != null
          && PieceFile.checksum(place().nioBuffer(0, PieceFile.PIECE)) != checksums[piece]) {
        throw new IOException("piece " + piece + " came with wrong bytes");
      }
      filled = 0;
      whole++;
    }
  }

  private void fail(ChannelHandlerContext context, Throwable cause) {
    done.completeExceptionally(cause);
    var _ = context.close();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    fail(context, cause);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    done.completeExceptionally(
        new EOFException("the sender stopped after " + whole + " of " + wanted + " pieces"));
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    places.forEach(ByteBuf::release);
    places.clear();
  }
}
