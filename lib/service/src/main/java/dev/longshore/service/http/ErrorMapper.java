package dev.longshore.service.http;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;

/** Answers an exchange whose handler failed before it answered. Must not block. */
@FunctionalInterface
public interface ErrorMapper {

  /** Calls one of the answering methods of the exchange. */
  void answer(HttpExchange exchange, Throwable failure);

  /** 413 for a body that is too long, else 500, with one line of text that gives nothing away. */
  static ErrorMapper plainText() {
    return (exchange, failure) -> {
      HttpResponseStatus status =
          failure instanceof BodyTooLargeException
              ? HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE
              : HttpResponseStatus.INTERNAL_SERVER_ERROR;
      exchange.respond(
          status,
          new DefaultHttpHeaders().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.TEXT_PLAIN),
          Unpooled.copiedBuffer(status + "\n", StandardCharsets.UTF_8));
    };
  }
}
