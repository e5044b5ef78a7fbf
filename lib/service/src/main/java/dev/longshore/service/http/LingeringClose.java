package dev.longshore.service.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;

/**
 * Closes so that the client sees the last answer: closing with unread input would reset the
 * connection, and the reset can overtake the answer (RFC 9112 section 9.6). Belongs to the event
 * loop.
 */
final class LingeringClose {

  private static final long MAX_BYTES = 64 << 20;

  private final Connection connection;
  private final ServerState server;

  private boolean begun;
  private long thrownAway;

  LingeringClose(Connection connection, ServerState server) {
    this.connection = connection;
    this.server = server;
  }

  boolean hasBegun() {
    return begun;
  }

  /** Sends what is written and closes: at once, or if input is left when the client has. */
  void begin(boolean inputLeft) {
    begun = true;
    ChannelFuture flushed = connection.context().writeAndFlush(Unpooled.EMPTY_BUFFER);
    var _ =
        flushed.addListener(f -> {
          if (!inputLeft || !f.isSuccess()) {
            connection.closeNow();
          } else {
            server.shutdownOutput(connection.channel());
          }
        });
  }

  /** Counts what still arrives, to be thrown away. */
  void arrived(int bytes) {
    thrownAway += bytes;
    if (thrownAway > MAX_BYTES) {
      connection.closeNow();
    }
  }
}
