package dev.longshore.bench.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.longshore.service.Closer;
import dev.longshore.service.Daemon;
import dev.longshore.service.Service;
import dev.longshore.service.http.ErrorMapper;
import dev.longshore.service.http.HttpExchange;
import dev.longshore.service.http.HttpServer;
import dev.longshore.service.http.HttpServerConfig;
import dev.longshore.service.net.Transport;
import dev.longshore.service.unit.HostAndPort;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The process that receives pieces, with one event loop. It takes orders over HTTP: {@code POST
 * /receive?from=HOST:PORT&sending=SENDING&pieces=N&check=BOOLEAN}, answered with nanoseconds, or
 * with what went wrong on the way.
 */
public final class PieceClient implements Service {
  private static final int TIME_LIMIT_MINUTES = 2;

  private final Closer opened = new Closer();
  private final PieceFile pieces;
  private final int[] checksums;
  private final MutualTls tls;
  private final Transport transport;
  private final HttpServer control;

  private PieceClient(PartConfig config) throws Exception {
    pieces = opened.register(PieceFile.open(config.pieces()));
    checksums = pieces.checksums();
    tls = MutualTls.read(config.keys());
    transport = opened.register(PieceServer.eventLoop(config.way()));
    control =
        opened.register(
            HttpServer.bind(
                HttpServerConfig.of("control", PartConfig.ANY_PORT),
                transport,
                exchange -> exchange.fork(() -> answer(exchange)),
                ErrorMapper.plainText()));
  }

  static PieceClient start(PartConfig config) throws Exception {
    return new PieceClient(config);
  }

  /** The process. */
  public static void main(String[] arguments) {
    Daemon.run(
        "bench-receiver",
        "Receives pieces.",
        PartConfig.class,
        arguments,
        (config, _) -> start(config));
  }

  private void answer(HttpExchange exchange) throws Exception {
    HostAndPort from = HostAndPort.parse(parameter(exchange, "from"));
    Sending sending = Sending.valueOf(parameter(exchange, "sending").toUpperCase(Locale.ROOT));
    int count = Integer.parseInt(parameter(exchange, "pieces"));
    boolean check = Boolean.parseBoolean(parameter(exchange, "check"));
    HttpResponseStatus status = HttpResponseStatus.OK;
    String answer;
    try {
      answer = Long.toString(receive(from, sending, count, check));
    } catch (ExecutionException e) {
      status = HttpResponseStatus.BAD_GATEWAY;
      answer = String.valueOf(e.getMessage());
    }
    exchange.respond(status, new DefaultHttpHeaders(), Unpooled.copiedBuffer(answer, UTF_8));
  }

  private static String parameter(HttpExchange exchange, String name) throws IOException {
    return exchange
        .query()
        .first(name)
        .orElseThrow(() -> new IOException("the order lacks '" + name + "'"));
  }

  /**
   * Receives pieces over one connection.
   *
   * @param check whether to compare each piece with what it must be, too
   * @return nanoseconds from the first request to the last byte
   */
  long receive(HostAndPort from, Sending sending, int count, boolean check) throws Exception {
    PieceInput input = new PieceInput(count, pieces.pieces(), check ? checksums : null);
    SslProvider engine = sending.engine();
    Channel channel = connect(from, engine == null ? null : tls.client(engine), input);
    try {
      SslHandler secure = channel.pipeline().get(SslHandler.class);
      if (secure != null) {
        secure.handshakeFuture().sync();
      }
      long start = System.nanoTime();
      channel.eventLoop().execute(() -> input.begin(channel.pipeline().lastContext()));
      int received = input.done().get(TIME_LIMIT_MINUTES, TimeUnit.MINUTES);
      long nanos = System.nanoTime() - start;
      if (received != count) {
        throw new IOException(received + " pieces came, " + count + " were asked for");
      }
      return nanos;
    } finally {
      channel.close().sync();
    }
  }

  private Channel connect(HostAndPort from, @Nullable SslContext secure, PieceInput input)
      throws InterruptedException {
    Bootstrap client = transport.attach(new Bootstrap()).option(ChannelOption.TCP_NODELAY, true);
    if (secure == null) {
      client.option(ChannelOption.RECVBUF_ALLOCATOR, input.intoPlace());
    }
    return client
        .handler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel dialled) {
                if (secure != null) {
                  dialled
                      .pipeline()
                      .addLast(secure.newHandler(dialled.alloc(), from.host(), from.port()));
                }
                dialled.pipeline().addLast(input);
              }
            })
        .connect(from.toSocketAddress())
        .sync()
        .channel();
  }

  @Override
  public Map<String, HostAndPort> addresses() {
    return Map.of("control", control.address());
  }

  @Override
  public void close() throws IOException {
    opened.close();
  }
}
