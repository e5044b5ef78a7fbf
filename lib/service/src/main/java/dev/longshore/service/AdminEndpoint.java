package dev.longshore.service;

import dev.longshore.service.http.ErrorMapper;
import dev.longshore.service.http.HttpExchange;
import dev.longshore.service.http.HttpHandler;
import dev.longshore.service.http.HttpServer;
import dev.longshore.service.http.HttpServerConfig;
import dev.longshore.service.http.JsonAnswer;
import dev.longshore.service.net.ListenFailedException;
import dev.longshore.service.net.Transport;
import dev.longshore.service.net.TransportChoice;
import dev.longshore.service.unit.HostAndPort;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * {@code /metrics}, {@code /healthz}, {@code /readyz}, {@code /debug} and what the service adds, on
 * a loop of its own.
 */
final class AdminEndpoint implements AutoCloseable {

  private static final String TEXT = "text/plain; charset=utf-8";
  private static final int MAX_CONNECTIONS = 256;
  private static final List<String> OWN_PATHS =
      List.of("/metrics", "/healthz", "/readyz", "/debug");

  private final PrometheusMeterRegistry metrics;
  private final Supplier<List<String>> notReady;
  private final Supplier<Object> debug;
  private final Transport transport;
  private final HttpServer server;
  private volatile Map<String, HttpHandler> more = Map.of();

  /**
   * Starts it.
   *
   * @param notReady reasons; none when ready
   * @param debug shown as JSON
   */
  AdminEndpoint(
      HostAndPort address,
      PrometheusMeterRegistry metrics,
      Supplier<List<String>> notReady,
      Supplier<Object> debug)
      throws ListenFailedException {
    this.metrics = metrics;
    this.notReady = notReady;
    this.debug = debug;
    // A loop of its own: it answers while the service's loops are busy.
    this.transport = Transport.choose(TransportChoice.AUTO, "admin", 1);
    try {
      this.server =
          HttpServer.bind(
              HttpServerConfig.of("admin", address).withMaxConnections(MAX_CONNECTIONS),
              transport,
              this::handle,
              ErrorMapper.plainText());
    } catch (ListenFailedException | RuntimeException e) {
      transport.close();
      throw e;
    }
  }

  HostAndPort address() {
    return server.address();
  }

  /** From now on serves these too, by exact path. */
  void serveAlso(Map<String, HttpHandler> paths) {
    more = Map.copyOf(paths);
  }

  private void handle(HttpExchange exchange) throws Exception {
    HttpHandler added = more.get(exchange.path());
    if (added != null) {
      added.handle(exchange);
      return;
    }
    if (!exchange.method().equals(HttpMethod.GET) && !exchange.method().equals(HttpMethod.HEAD)) {
      answer(exchange, HttpResponseStatus.METHOD_NOT_ALLOWED, TEXT, "only GET and HEAD\n");
      return;
    }
    switch (exchange.path()) {
      case "/metrics" ->
          exchange.fork(() ->
              answer(
                  exchange,
                  HttpResponseStatus.OK,
                  "text/plain; version=0.0.4; charset=utf-8",
                  metrics.scrape()));
      case "/healthz" -> answer(exchange, HttpResponseStatus.OK, TEXT, "ok\n");
      case "/readyz" -> exchange.fork(() -> ready(exchange));
      case "/debug" ->
          exchange.fork(() -> JsonAnswer.send(exchange, HttpResponseStatus.OK, debug.get()));
      case "/" -> answer(exchange, HttpResponseStatus.OK, TEXT, String.join("\n", paths()) + "\n");
      default ->
          answer(
              exchange,
              HttpResponseStatus.NOT_FOUND,
              TEXT,
              "not here; there are " + String.join(", ", paths()) + "\n");
    }
  }

  private List<String> paths() {
    return Stream.concat(OWN_PATHS.stream(), more.keySet().stream().sorted()).toList();
  }

  private void ready(HttpExchange exchange) {
    List<String> reasons = notReady.get();
    if (reasons.isEmpty()) {
      answer(exchange, HttpResponseStatus.OK, TEXT, "ready\n");
    } else {
      answer(
          exchange,
          HttpResponseStatus.SERVICE_UNAVAILABLE,
          TEXT,
          String.join("\n", reasons) + "\n");
    }
  }

  private static void answer(
      HttpExchange exchange, HttpResponseStatus status, String type, String content) {
    exchange.respond(
        status,
        new DefaultHttpHeaders().set(HttpHeaderNames.CONTENT_TYPE, type),
        Unpooled.copiedBuffer(content, StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    server.close();
    transport.close();
  }
}
