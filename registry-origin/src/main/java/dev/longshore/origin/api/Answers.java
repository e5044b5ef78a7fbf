package dev.longshore.origin.api;

import dev.longshore.oci.Digest;
import dev.longshore.oci.OciError;
import dev.longshore.oci.OciErrorBody;
import dev.longshore.oci.OciErrorEntry;
import dev.longshore.origin.auth.TooManyChecksException;
import dev.longshore.origin.registry.RegistryException;
import dev.longshore.origin.store.StoreFullException;
import dev.longshore.service.http.BodyTooLargeException;
import dev.longshore.service.http.HttpExchange;
import dev.longshore.service.http.RequestBodyException;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;

/** Answers that every endpoint gives; the one place where failures become HTTP. */
final class Answers {
  static final String DIGEST = "docker-content-digest";
  static final String JSON = "application/json";

  private static final String INSUFFICIENT_STORAGE = "INSUFFICIENT_STORAGE";

  private Answers() {}

  /** The headers of every answer under /v2/. */
  static HttpHeaders headers() {
    return DefaultHttpHeadersFactory.headersFactory()
        .newHeaders()
        .set("docker-distribution-api-version", "registry/2.0")
        .set("x-content-type-options", "nosniff");
  }

  static void empty(HttpExchange exchange, HttpResponseStatus status, HttpHeaders headers) {
    exchange.respond(status, headers, Unpooled.EMPTY_BUFFER);
  }

  static void json(HttpExchange exchange, byte[] body) {
    exchange.respond(
        HttpResponseStatus.OK,
        headers().set(HttpHeaderNames.CONTENT_TYPE, JSON),
        Unpooled.wrappedBuffer(body));
  }

  /** Something that was signed for a digest, and so stays as it is while the key does. */
  static void signed(HttpExchange exchange, String mediaType, byte[] body) {
    // Not the digest that it is of: the same signed with another key is another body.
    String etag = "\"" + Digest.sha256(body).hex() + "\"";
    HttpHeaders headers =
        headers()
            .set(HttpHeaderNames.CONTENT_TYPE, mediaType)
            .set(HttpHeaderNames.CACHE_CONTROL, "max-age=31536000, immutable")
            .set(HttpHeaderNames.ETAG, etag);
    if (etag.equals(exchange.headers().get(HttpHeaderNames.IF_NONE_MATCH))) {
      empty(exchange, HttpResponseStatus.NOT_MODIFIED, headers);
    } else {
      exchange.respond(HttpResponseStatus.OK, headers, Unpooled.wrappedBuffer(body));
    }
  }

  static void error(HttpExchange exchange, RegistryException failure) {
    error(exchange, failure, headers());
  }

  static void error(HttpExchange exchange, RegistryException failure, HttpHeaders headers) {
    send(
        exchange,
        failure.status(),
        failure.error().with(String.valueOf(failure.getMessage())),
        headers);
  }

  /** Answers whatever an endpoint threw; the server logs it. */
  static void failure(HttpExchange exchange, Throwable failure) {
    switch (failure) {
      case RegistryException refused -> error(exchange, refused);
      case StoreFullException full ->
          send(
              exchange,
              507,
              new OciErrorEntry(INSUFFICIENT_STORAGE, String.valueOf(full.getMessage()), ""),
              headers());
      case RequestBodyException cut ->
          send(
              exchange,
              400,
              OciError.SIZE_INVALID.with(String.valueOf(cut.getMessage())),
              headers());
      case BodyTooLargeException large ->
          send(
              exchange,
              413,
              OciError.SIZE_INVALID.with(String.valueOf(large.getMessage())),
              headers());
      case TooManyChecksException busy ->
          send(
              exchange,
              429,
              OciError.TOOMANYREQUESTS.with(String.valueOf(busy.getMessage())),
              headers().set(HttpHeaderNames.RETRY_AFTER, "5"));
      default ->
          send(
              exchange,
              500,
              OciError.UNKNOWN.with("the origin failed; its log says why"),
              headers());
    }
  }

  private static void send(
      HttpExchange exchange, int status, OciErrorEntry entry, HttpHeaders headers) {
    exchange.respond(
        HttpResponseStatus.valueOf(status),
        headers.set(HttpHeaderNames.CONTENT_TYPE, JSON),
        Unpooled.wrappedBuffer(OciErrorBody.write(entry)));
  }
}
