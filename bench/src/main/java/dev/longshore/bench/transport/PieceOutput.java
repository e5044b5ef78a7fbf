package dev.longshore.bench.transport;

import dev.longshore.service.net.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the pieces that one connection asks for by their numbers, one at a time as an agent does.
 * Owned by the connection's event loop.
 */
final class PieceOutput extends ByteToMessageDecoder {
  private static final Logger log = LoggerFactory.getLogger(PieceOutput.class);

  /** What our HTTP server copies a file in under TLS. */
  private static final int COPY_BYTES = 128 << 10;

  private final Transport transport;
  private final PieceFile pieces;
  private final Sending sending;
  private final Queue<Integer> asked = new ArrayDeque<>();
  private boolean busy;

  PieceOutput(Transport transport, PieceFile pieces, Sending sending) {
    this.transport = transport;
    this.pieces = pieces;
    this.sending = sending;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    while (in.readableBytes() >= Integer.BYTES) {
      asked.add(in.readInt());
    }
    if (!busy) {
      next(context);
    }
  }

  private void next(ChannelHandlerContext context) {
    Integer piece = asked.poll();
    busy = piece != null;
    if (piece == null) {
      return;
    }
    long offset = PieceFile.offset(piece);
    if (sending != Sending.SENDFILE) {
      copy(context, offset, PieceFile.PIECE);
      return;
    }
    var region = transport.fileRegion(pieces.file(), offset, PieceFile.PIECE);
    afterwards(context, context.writeAndFlush(region), () -> next(context));
  }

  private void copy(ChannelHandlerContext context, long offset, int left) {
    int size = Math.min(left, COPY_BYTES);
    ByteBuf buffer = context.alloc().directBuffer(size, size);
    try {
      fill(buffer, offset, size);
    } catch (IOException | RuntimeException e) {
      buffer.release();
      exceptionCaught(context, e);
      return;
    }
    afterwards(
        context,
        context.writeAndFlush(buffer),
        () -> {
          if (left == size) {
            next(context);
          } else {
            copy(context, offset + size, left - size);
          }
        });
  }

  private void fill(ByteBuf buffer, long offset, int size) throws IOException {
    FileChannel file = pieces.file();
    while (buffer.isWritable()) {
      int at = buffer.readableBytes();
      if (buffer.writeBytes(file, offset + at, size - at) < 0) {
        throw new EOFException("the file of pieces ends before " + (offset + size));
      }
    }
  }

  private void afterwards(ChannelHandlerContext context, ChannelFuture sent, Runnable then) {
    var _ =
        sent.addListener(f -> {
          if (f.isSuccess()) {
            then.run();
          } else {
            exceptionCaught(context, f.cause());
          }
        });
  }

  /** Whoever asked sees the end, and fails. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    log.warn("cannot send pieces by {}", sending, cause);
    var _ = context.close();
  }
}
