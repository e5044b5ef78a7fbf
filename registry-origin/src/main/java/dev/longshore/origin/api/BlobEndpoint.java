package dev.longshore.origin.api;

import dev.longshore.oci.Digest;
import dev.longshore.oci.OciError;
import dev.longshore.origin.metadata.BlobRow;
import dev.longshore.origin.metrics.OriginMetrics;
import dev.longshore.origin.registry.Blobs;
import dev.longshore.origin.registry.RegistryException;
import dev.longshore.origin.store.BlobReader;
import dev.longshore.service.http.HttpExchange;
import dev.longshore.service.http.ResponseBody;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Pulls and deletes blobs: small ones from memory, large ones by sendfile. */
final class BlobEndpoint {
  private static final Logger log = LoggerFactory.getLogger(BlobEndpoint.class);
  private static final String METHODS = "GET, HEAD, DELETE";

  private final Blobs blobs;
  private final OriginMetrics metrics;

  BlobEndpoint(Blobs blobs, OriginMetrics metrics) {
    this.blobs = blobs;
    this.metrics = metrics;
  }

  void handle(HttpExchange exchange, Route.BlobRoute route) {
    switch (exchange.method().name()) {
      case "GET", "HEAD" -> {
        if (!answerFromMemory(exchange, route)) {
          exchange.fork(() -> get(exchange, route));
        }
      }
      case "DELETE" -> exchange.fork(() -> delete(exchange, route));
      default -> DistributionApi.unsupported(exchange, METHODS);
    }
  }

  private boolean answerFromMemory(HttpExchange exchange, Route.BlobRoute route) {
    BlobRow blob = blobs.cached(route.repository(), route.digest());
    if (blob == null) {
      return false;
    }
    if (exchange.method().equals(HttpMethod.HEAD)) {
      exchange.respondHead(HttpResponseStatus.OK, headers(blob), blob.size());
      return true;
    }
    byte[] content = blobs.cachedContent(blob);
    if (content == null || range(exchange, blob.digest()) != null || isKnown(exchange, blob)) {
      return false;
    }
    exchange.respond(HttpResponseStatus.OK, headers(blob), Unpooled.wrappedBuffer(content));
    return true;
  }

  private void get(HttpExchange exchange, Route.BlobRoute route)
      throws IOException, InterruptedException, RegistryException {
    BlobRow blob = blobs.find(route.repository(), route.digest()).orElseThrow(() -> unknown(route));
    if (exchange.method().equals(HttpMethod.HEAD)) {
      exchange.respondHead(HttpResponseStatus.OK, headers(blob), blob.size());
    } else if (isKnown(exchange, blob)) {
      Answers.empty(exchange, HttpResponseStatus.NOT_MODIFIED, headers(blob));
    } else {
      send(exchange, route, blob);
    }
  }

  private void send(HttpExchange exchange, Route.BlobRoute route, BlobRow blob)
      throws IOException, InterruptedException, RegistryException {
    HttpHeaders headers = headers(blob);
    Optional<ByteRange> range;
    try {
      String wanted = range(exchange, blob.digest());
      range = wanted == null ? Optional.empty() : ByteRange.parse(wanted, blob.size());
    } catch (ByteRange.UnsatisfiableException e) {
      Answers.error(
          exchange,
          new RegistryException(OciError.RANGE_INVALID, String.valueOf(e.getMessage())),
          Answers.headers().set(HttpHeaderNames.CONTENT_RANGE, "bytes */" + blob.size()));
      return;
    }
    if (range.isPresent()) {
      headers.set(HttpHeaderNames.CONTENT_RANGE, range.get().contentRange(blob.size()));
      sendFile(exchange, HttpResponseStatus.PARTIAL_CONTENT, headers, route, blob, range.get());
    } else if (blob.size() <= Blobs.SMALL) {
      exchange.respond(
          HttpResponseStatus.OK,
          headers,
          Unpooled.wrappedBuffer(blobs.content(blob).orElseThrow(() -> unknown(route))));
    } else {
      ByteRange all = new ByteRange(0, blob.size());
      sendFile(exchange, HttpResponseStatus.OK, headers, route, blob, all);
    }
  }

  private void sendFile(
      HttpExchange exchange,
      HttpResponseStatus status,
      HttpHeaders headers,
      Route.BlobRoute route,
      BlobRow blob,
      ByteRange range)
      throws IOException, InterruptedException, RegistryException {
    try (BlobReader file = blobs.open(route.repository(), blob).orElseThrow(() -> unknown(route))) {
      ResponseBody body = exchange.start(status, headers, range.length());
      try {
        body.sendFile(file.file(), range.offset(), range.length()).get();
        body.end().get();
        metrics.sent(range.length());
      } catch (ExecutionException e) {
        // The client went away, which is its right; the connection is closed by now.
        log.debug("{} was cut off", route, e.getCause());
        body.abort();
      }
    }
  }

  /** The Range header, unless If-Range says that the client has another version in mind. */
  private static @Nullable String range(HttpExchange exchange, Digest digest) {
    String condition = exchange.headers().get(HttpHeaderNames.IF_RANGE);
    return condition != null && !condition.equals(etag(digest))
        ? null
        : exchange.headers().get(HttpHeaderNames.RANGE);
  }

  private static boolean isKnown(HttpExchange exchange, BlobRow blob) {
    return etag(blob.digest()).equals(exchange.headers().get(HttpHeaderNames.IF_NONE_MATCH));
  }

  private static HttpHeaders headers(BlobRow blob) {
    return Answers.headers()
        .set(HttpHeaderNames.CONTENT_TYPE, "application/octet-stream")
        .set(HttpHeaderNames.ACCEPT_RANGES, "bytes")
        .set(HttpHeaderNames.CACHE_CONTROL, "max-age=31536000, immutable")
        .set(Answers.DIGEST, blob.digest().toString())
        .set(HttpHeaderNames.ETAG, etag(blob.digest()));
  }

  private static String etag(Digest digest) {
    return '"' + digest.toString() + '"';
  }

  private void delete(HttpExchange exchange, Route.BlobRoute route)
      throws IOException, InterruptedException, RegistryException {
    if (!blobs.delete(route.repository(), route.digest())) {
      throw unknown(route);
    }
    Answers.empty(exchange, HttpResponseStatus.ACCEPTED, Answers.headers());
  }

  private static RegistryException unknown(Route.BlobRoute route) {
    return new RegistryException(
        OciError.BLOB_UNKNOWN, route.repository() + " has no blob " + route.digest());
  }
}
