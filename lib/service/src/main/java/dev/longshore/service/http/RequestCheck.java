package dev.longshore.service.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import org.jspecify.annotations.Nullable;

/** What must hold of every request before a handler sees it. */
final class RequestCheck {

  /** Why a request is not even looked at. */
  record Refusal(HttpResponseStatus status, String reason) {}

  private RequestCheck() {}

  static @Nullable Refusal check(HttpRequest request) {
    if (request.decoderResult().isFailure()) {
      return malformed(request.decoderResult().cause());
    }
    if (request.protocolVersion().majorVersion() != 1) {
      return new Refusal(
          HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED,
          "this server speaks HTTP/1.1, not " + request.protocolVersion());
    }
    HttpHeaders headers = request.headers();
    // RFC 9112 section 3.2: exactly one Host in HTTP/1.1.
    if (request.protocolVersion().minorVersion() > 0 && headers.get(HttpHeaderNames.HOST) == null) {
      return new Refusal(HttpResponseStatus.BAD_REQUEST, "the Host header is missing");
    }
    String expect = headers.get(HttpHeaderNames.EXPECT);
    if (expect != null && !HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(expect)) {
      return new Refusal(
          HttpResponseStatus.EXPECTATION_FAILED, "the only expectation understood is 100-continue");
    }
    return null;
  }

  private static Refusal malformed(Throwable cause) {
    return switch (cause) {
      case TooLongHttpHeaderException e ->
          new Refusal(
              HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the headers are too long");
      case TooLongHttpLineException e ->
          new Refusal(HttpResponseStatus.REQUEST_URI_TOO_LONG, "the request line is too long");
      default -> new Refusal(HttpResponseStatus.BAD_REQUEST, "the request is malformed");
    };
  }
}
