package dev.longshore.service.http;

import dev.longshore.service.net.ListenFailedException;
import dev.longshore.service.net.Transport;
import dev.longshore.service.unit.HostAndPort;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A listening HTTP/1.1 server. */
public final class HttpServer implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(HttpServer.class);
  private static final byte[] FULL =
      """
      HTTP/1.1 503 Service Unavailable\r
      Content-Length: 0\r
      Retry-After: 1\r
      Connection: close\r
      \r
      """
          .getBytes(StandardCharsets.US_ASCII);
  private static final int BACKLOG = 4_096;

  private final ServerState state;
  private final Channel channel;

  private HttpServer(ServerState state, Channel channel) {
    this.state = state;
    this.channel = channel;
  }

  /**
   * Listens. The transport stays the caller's and must outlive the server.
   *
   * @throws ListenFailedException if the address cannot be had
   */
  public static HttpServer bind(
      HttpServerConfig config, Transport transport, HttpHandler handler, ErrorMapper errors)
      throws ListenFailedException {
    var state = new ServerState(config, transport, handler, errors);
    ChannelFuture bound =
        transport
            .attach(new ServerBootstrap())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(
                ChannelOption.RECVBUF_ALLOCATOR,
                new AdaptiveRecvByteBufAllocator(512, 4_096, RequestDecoder.MAX_READ_BYTES))
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel accepted) {
                    accept(state, accepted);
                  }
                })
            .bind(config.listen().toSocketAddress())
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw ListenFailedException.of(config.setting(), config.listen(), bound.cause());
    }
    return new HttpServer(state, bound.channel());
  }

  private static void accept(ServerState state, Channel accepted) {
    int connections = state.statistics().opened();
    var closing = accepted.closeFuture().addListener(f -> state.statistics().closed());
    if (connections > state.config().maxConnections()) {
      log.debug("{} is one connection too many", accepted.remoteAddress());
      var _ =
          accepted
              .writeAndFlush(Unpooled.wrappedBuffer(FULL))
              .addListener(ChannelFutureListener.CLOSE);
      return;
    }
    var connection = new Connection(state);
    SslContext tls = state.config().tls();
    if (tls != null) {
      accepted.pipeline().addLast(tls.newHandler(accepted.alloc()));
    }
    accepted
        .pipeline()
        .addLast(new RequestDecoder(state.config().maxHeaderBytes(), connection))
        .addLast(new HttpResponseEncoder())
        .addLast(connection);
    state.opened(connection);
    closing.addListener(f -> state.closed(connection));
  }

  /** What it is bound to, with the real port. */
  public HostAndPort address() {
    return HostAndPort.of((InetSocketAddress) channel.localAddress());
  }

  /** How many connections are open now. */
  public int connections() {
    return state.statistics().connections();
  }

  /**
   * Publishes this server's counters.
   *
   * @param server tells it from others in the process, such as {@code mirror}
   */
  public void bindTo(MeterRegistry metrics, String server) {
    state.statistics().bindTo(metrics, server);
  }

  /**
   * Stops accepting, lets running exchanges end for at most the grace, then closes the rest. Not to
   * be called on an event loop.
   */
  public void stop(Duration grace) {
    channel.close().awaitUninterruptibly();
    var drained = state.drain();
    try {
      drained.get(grace.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      log.info("cutting off {} connections after {}", state.open().size(), grace);
      state.open().forEach(connection -> connection.execute(connection::closeNow));
      awaitClosed();
    } catch (InterruptedException e) {
      state.open().forEach(connection -> connection.execute(connection::closeNow));
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("draining cannot fail", e);
    }
  }

  private void awaitClosed() {
    try {
      state.drain().get(5, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      log.warn("{} connections did not close", state.open().size());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("draining cannot fail", e);
    }
  }

  /** Closes everything at once. */
  @Override
  public void close() {
    stop(Duration.ZERO);
  }
}
