package dev.longshore.bench.transport;

import dev.longshore.service.Closer;
import dev.longshore.service.Daemon;
import dev.longshore.service.Service;
import dev.longshore.service.net.Transport;
import dev.longshore.service.unit.HostAndPort;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The process that sends pieces: one address for each way to send them, one event loop. */
public final class PieceServer implements Service {
  private static final int RING_BUFFER = 64 << 10;

  /** Records of TLS are longer, requests for pieces are not. */
  private static final int ZERO_COPY_FROM = 8 << 10;

  private final Closer opened = new Closer();
  private final Map<String, HostAndPort> addresses = new HashMap<>();

  private PieceServer(PartConfig config) throws Exception {
    PieceFile pieces = opened.register(PieceFile.open(config.pieces()));
    Transport transport = opened.register(eventLoop(config.way()));
    MutualTls tls = MutualTls.read(config.keys());
    for (Sending sending : Sending.values()) {
      if (sending.whyUnavailable() == null) {
        SslProvider engine = sending.engine();
        SslContext context = engine == null ? null : tls.server(engine);
        addresses.put(sending.setting(), listen(transport, pieces, sending, context));
      }
    }
  }

  static PieceServer start(PartConfig config) throws Exception {
    return new PieceServer(config);
  }

  /** The one event loop that an agent has on a small machine. */
  static Transport eventLoop(Way way) {
    return way.open("pieces", 1, RING_BUFFER, ZERO_COPY_FROM);
  }

  /** The process. */
  public static void main(String[] arguments) {
    Daemon.run(
        "bench-sender", "Sends pieces.", PartConfig.class, arguments, (config, _) -> start(config));
  }

  private static HostAndPort listen(
      Transport transport, PieceFile pieces, Sending sending, @Nullable SslContext tls) {
    Channel listening =
        transport
            .attach(new ServerBootstrap())
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel accepted) {
                    if (tls != null) {
                      accepted.pipeline().addLast(tls.newHandler(accepted.alloc()));
                    }
                    accepted.pipeline().addLast(new PieceOutput(transport, pieces, sending));
                  }
                })
            .bind(PartConfig.ANY_PORT.toSocketAddress())
            .syncUninterruptibly()
            .channel();
    return HostAndPort.of((InetSocketAddress) listening.localAddress());
  }

  @Override
  public Map<String, HostAndPort> addresses() {
    return Map.copyOf(addresses);
  }

  @Override
  public void close() throws IOException {
    opened.close();
  }
}
