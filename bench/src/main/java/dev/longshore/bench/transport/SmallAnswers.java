package dev.longshore.bench.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.longshore.service.Closer;
import dev.longshore.service.Daemon;
import dev.longshore.service.Service;
import dev.longshore.service.http.ErrorMapper;
import dev.longshore.service.http.HttpExchange;
import dev.longshore.service.http.HttpServer;
import dev.longshore.service.http.HttpServerConfig;
import dev.longshore.service.net.Transport;
import dev.longshore.service.unit.HostAndPort;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.util.Map;

/** Our HTTP server with an answer of 350 bytes, at hand as the origin has its manifests. */
public final class SmallAnswers implements Service {
  private static final byte[] ANSWER = "m".repeat(350).getBytes(US_ASCII);

  /** Requests fit; the answer to none is received. */
  private static final int RING_BUFFER = 4 << 10;

  private final Closer opened = new Closer();
  private final HttpServer server;

  private SmallAnswers(Way way) throws IOException {
    int loops = Runtime.getRuntime().availableProcessors();
    Transport transport = opened.register(way.open("small", loops, RING_BUFFER, 0));
    server =
        opened.register(
            HttpServer.bind(
                HttpServerConfig.of("listen", PartConfig.ANY_PORT),
                transport,
                SmallAnswers::answer,
                ErrorMapper.plainText()));
  }

  /** The process. */
  public static void main(String[] arguments) {
    Daemon.run(
        "bench-small",
        "Answers that are at hand.",
        PartConfig.class,
        arguments,
        (config, _) -> new SmallAnswers(config.way()));
  }

  private static void answer(HttpExchange exchange) {
    exchange.respond(
        HttpResponseStatus.OK,
        new DefaultHttpHeaders()
            .set(HttpHeaderNames.CONTENT_TYPE, "application/vnd.oci.image.manifest.v1+json"),
        Unpooled.wrappedBuffer(ANSWER));
  }

  @Override
  public Map<String, HostAndPort> addresses() {
    return Map.of("listen", server.address());
  }

  @Override
  public void close() throws IOException {
    opened.close();
  }
}
