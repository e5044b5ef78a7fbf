package dev.longshore.service.http;

import dev.longshore.service.net.Transport;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** What the connections of a server share. */
final class ServerState {

  private final HttpServerConfig config;
  private final Transport transport;
  private final HttpHandler handler;
  private final ErrorMapper errors;
  private final ServerStatistics statistics = new ServerStatistics();
  private final Set<Connection> open = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<Void> drained = new CompletableFuture<>();
  private volatile boolean stopping;

  ServerState(
      HttpServerConfig config, Transport transport, HttpHandler handler, ErrorMapper errors) {
    this.config = config;
    this.transport = transport;
    this.handler = handler;
    this.errors = errors;
  }

  HttpServerConfig config() {
    return config;
  }

  Transport transport() {
    return transport;
  }

  HttpHandler handler() {
    return handler;
  }

  ErrorMapper errors() {
    return errors;
  }

  ServerStatistics statistics() {
    return statistics;
  }

  boolean isStopping() {
    return stopping;
  }

  void opened(Connection connection) {
    open.add(connection);
  }

  void closed(Connection connection) {
    open.remove(connection);
    completeIfDrained();
  }

  Set<Connection> open() {
    return open;
  }

  /** Lets idle connections go; completes when none is left. */
  CompletableFuture<Void> drain() {
    stopping = true;
    open.forEach(connection -> connection.execute(connection::stopWhenIdle));
    completeIfDrained();
    return drained;
  }

  private void completeIfDrained() {
    if (stopping && open.isEmpty()) {
      drained.complete(null);
    }
  }

  void shutdownOutput(Channel channel) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls != null) {
      var _ = tls.closeOutbound();
    } else if (channel instanceof DuplexChannel duplex) {
      var _ = duplex.shutdownOutput();
    }
  }
}
