package dev.longshore.service.http;

import io.netty.channel.ChannelFuture;

/**
 * Writes to a connection, with one flush for all that one turn of the event loop writes. Belongs to
 * the event loop.
 */
final class FlushConsolidator {

  private final Connection connection;

  private boolean inRead;
  private boolean flushDue;
  private boolean flushQueued;

  FlushConsolidator(Connection connection) {
    this.connection = connection;
  }

  void readBegan() {
    inRead = true;
  }

  void readCompleted() {
    inRead = false;
    if (flushDue) {
      flushDue = false;
      connection.context().flush();
    }
  }

  ChannelFuture write(Object message) {
    ChannelFuture sent = connection.context().write(message);
    flushSoon();
    return sent;
  }

  /** For what needs no promise of its own: a failed write closes the connection. */
  void writeVoid(Object message) {
    var _ = connection.context().write(message, connection.context().voidPromise());
    flushSoon();
  }

  private void flushSoon() {
    if (inRead) {
      flushDue = true;
    } else if (!flushQueued) {
      flushQueued = true;
      connection.execute(() -> {
        flushQueued = false;
        connection.context().flush();
      });
    }
  }
}
