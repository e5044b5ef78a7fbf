package dev.longshore.origin.api;

import dev.longshore.origin.metrics.OriginMetrics;
import dev.longshore.service.http.HttpExchange;
import dev.longshore.service.http.QueryParameters;
import dev.longshore.service.http.RequestBody;
import dev.longshore.service.http.ResponseBody;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.InetSocketAddress;

/** Counts what an exchange answers. */
final class MeteredExchange implements HttpExchange {
  private final HttpExchange exchange;
  private final String route;
  private final OriginMetrics metrics;

  MeteredExchange(HttpExchange exchange, String route, OriginMetrics metrics) {
    this.exchange = exchange;
    this.route = route;
    this.metrics = metrics;
  }

  @Override
  public void respond(HttpResponseStatus status, HttpHeaders headers, ByteBuf content) {
    metrics.answered(route, status.code());
    metrics.sent(exchange.method().equals(HttpMethod.HEAD) ? 0 : content.readableBytes());
    exchange.respond(status, headers, content);
  }

  @Override
  public void respondHead(HttpResponseStatus status, HttpHeaders headers, long contentLength) {
    metrics.answered(route, status.code());
    exchange.respondHead(status, headers, contentLength);
  }

  @Override
  public ResponseBody start(HttpResponseStatus status, HttpHeaders headers, long contentLength) {
    metrics.answered(route, status.code());
    return exchange.start(status, headers, contentLength);
  }

  @Override
  public HttpMethod method() {
    return exchange.method();
  }

  @Override
  public String path() {
    return exchange.path();
  }

  @Override
  public QueryParameters query() {
    return exchange.query();
  }

  @Override
  public HttpHeaders headers() {
    return exchange.headers();
  }

  @Override
  public InetSocketAddress remote() {
    return exchange.remote();
  }

  @Override
  public RequestBody body() {
    return exchange.body();
  }

  @Override
  public void fork(BlockingHandler handler) {
    exchange.fork(handler);
  }
}
