package dev.longshore.service.http;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;

/** The headers that every answer has: its framing, its date, what becomes of the connection. */
final class ResponseHead {

  private ResponseHead() {}

  /** Whether only the connection's end can be the end of the body. */
  static boolean isDelimitedByClose(HttpRequest request, long contentLength) {
    return contentLength < 0 && isHttp10(request);
  }

  /**
   * Completes the handler's headers.
   *
   * @param contentLength in bytes, or negative when it is not known beforehand
   */
  static HttpHeaders complete(
      HttpHeaders given,
      Exchange exchange,
      HttpResponseStatus status,
      long contentLength,
      boolean close) {
    HttpHeaders head = given instanceof EmptyHttpHeaders ? new DefaultHttpHeaders() : given;
    boolean http10 = isHttp10(exchange.request());
    if (contentLength < 0) {
      if (!http10 && !exchange.isHead()) {
        head.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
      }
    } else if (status.code() >= 200 && status.code() != 204 && status.code() != 304) {
      head.set(HttpHeaderNames.CONTENT_LENGTH, Long.toString(contentLength));
    }
    head.set(HttpHeaderNames.DATE, HttpDate.now());
    if (close) {
      head.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    } else if (http10) {
      head.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
    }
    return head;
  }

  /** The headers of a text that is the last answer of its connection. */
  static HttpHeaders ofRefusal(int contentLength) {
    return new DefaultHttpHeaders()
        .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.TEXT_PLAIN)
        .set(HttpHeaderNames.DATE, HttpDate.now())
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE)
        .set(HttpHeaderNames.CONTENT_LENGTH, contentLength);
  }

  private static boolean isHttp10(HttpRequest request) {
    return request.protocolVersion().minorVersion() == 0;
  }
}
