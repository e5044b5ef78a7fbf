package dev.longshore.service;

import dev.longshore.service.http.ErrorMapper;
import dev.longshore.service.http.HttpHandler;
import dev.longshore.service.http.HttpServer;
import dev.longshore.service.http.HttpServerConfig;
import dev.longshore.service.http.JsonAnswer;
import dev.longshore.service.net.Transport;
import dev.longshore.service.net.TransportChoice;
import dev.longshore.service.settings.Setting;
import dev.longshore.service.unit.HostAndPort;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The smallest daemon, for tests in this process and in others. */
final class EchoDaemonMain {

  record EchoConfig(
      @Setting(value = "where echoes are served", defaultValue = "127.0.0.1:0") HostAndPort listen,
      @Setting(value = "where operators look", defaultValue = "127.0.0.1:0") HostAndPort admin,
      @Setting("refuse to start") boolean broken,
      @Setting("how long an answer takes") java.util.Optional<Duration> delay)
      implements DaemonConfig {}

  static final class EchoService implements Service {
    private final Transport transport = Transport.choose(TransportChoice.AUTO, "echo", 1);
    private final HttpServer server;
    volatile List<String> notReady = List.of();

    EchoService(EchoConfig config, MeterRegistry metrics) throws Exception {
      if (config.broken()) {
        transport.close();
        throw new StartFailedException("the echo is broken; start it without --broken");
      }
      try {
        server =
            HttpServer.bind(
                HttpServerConfig.of("listen", config.listen()),
                transport,
                exchange ->
                    exchange.fork(() -> {
                      if (config.delay().isPresent()) {
                        Thread.sleep(config.delay().get());
                      }
                      exchange.respond(
                          HttpResponseStatus.OK,
                          new DefaultHttpHeaders(),
                          Unpooled.copiedBuffer(exchange.path(), StandardCharsets.UTF_8));
                    }),
                ErrorMapper.plainText());
        server.bindTo(metrics, "echo");
      } catch (Exception e) {
        transport.close();
        throw e;
      }
    }

    @Override
    public Map<String, HostAndPort> addresses() {
      return Map.of("listen", server.address());
    }

    @Override
    public List<String> notReady() {
      return notReady;
    }

    @Override
    public Map<String, HttpHandler> adminPaths() {
      return Map.of(
          "/api/v1/echo",
          exchange ->
              JsonAnswer.send(
                  exchange,
                  HttpResponseStatus.ACCEPTED,
                  Map.of("method", exchange.method().name())));
    }

    @Override
    public Object debug() {
      return Map.of("connections", server.connections());
    }

    @Override
    public void stop(Duration grace) {
      server.stop(grace);
    }

    @Override
    public void close() {
      server.close();
      transport.close();
    }
  }

  private EchoDaemonMain() {}

  public static void main(String[] args) {
    Daemon.run("echo", "Says what it hears.", EchoConfig.class, args, EchoService::new);
  }
}
