package dev.longshore.service.http;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Answers at admin addresses, as JSON that people can read too. */
public final class JsonAnswer {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
          .build();

  private JsonAnswer() {}

  /** Sends maps, lists, records, strings and numbers. */
  public static void send(HttpExchange exchange, HttpResponseStatus status, Object content) {
    send(exchange, status, new DefaultHttpHeaders(), content);
  }

  /** As above, with more headers, which are given up. */
  public static void send(
      HttpExchange exchange, HttpResponseStatus status, HttpHeaders headers, Object content) {
    exchange.respond(
        status,
        headers.set(HttpHeaderNames.CONTENT_TYPE, "application/json"),
        Unpooled.copiedBuffer(MAPPER.writeValueAsString(content) + "\n", StandardCharsets.UTF_8));
  }

  /** Sends {@code {"error": …}}. */
  public static void sendError(HttpExchange exchange, HttpResponseStatus status, String message) {
    send(exchange, status, Map.of("error", message));
  }
}
