package dev.longshore.origin.api;

import dev.longshore.oci.Digest;
import dev.longshore.oci.OciError;
import dev.longshore.oci.RepositoryName;
import dev.longshore.origin.metadata.BlobRow;
import dev.longshore.origin.metrics.OriginMetrics;
import dev.longshore.origin.registry.Blobs;
import dev.longshore.origin.registry.ByteSource;
import dev.longshore.origin.registry.ChunkRange;
import dev.longshore.origin.registry.RegistryException;
import dev.longshore.origin.registry.UploadSession;
import dev.longshore.origin.registry.Uploads;
import dev.longshore.origin.registry.WrongOffsetException;
import dev.longshore.service.http.HttpExchange;
import dev.longshore.service.http.RequestBody;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Pushes blobs: in one request, in chunks, or by mounting one that another repository has. */
final class UploadEndpoint {
  private final Uploads uploads;
  private final Blobs blobs;
  private final OriginMetrics metrics;

  UploadEndpoint(Uploads uploads, Blobs blobs, OriginMetrics metrics) {
    this.uploads = uploads;
    this.blobs = blobs;
    this.metrics = metrics;
  }

  void handle(HttpExchange exchange, Route.UploadStart route) {
    if (exchange.method().name().equals("POST")) {
      exchange.fork(() -> start(exchange, route.repository()));
    } else {
      DistributionApi.unsupported(exchange, "POST");
    }
  }

  void handle(HttpExchange exchange, Route.Upload route) {
    switch (exchange.method().name()) {
      case "PATCH" -> exchange.fork(() -> append(exchange, find(route)));
      case "PUT" -> exchange.fork(() -> finish(exchange, find(route)));
      case "GET", "HEAD" -> exchange.fork(() -> status(exchange, find(route)));
      case "DELETE" -> exchange.fork(() -> cancel(exchange, find(route)));
      default -> DistributionApi.unsupported(exchange, "GET, HEAD, PATCH, PUT, DELETE");
    }
  }

  private UploadSession find(Route.Upload route)
      throws IOException, InterruptedException, RegistryException {
    return uploads.find(route.repository(), route.id());
  }

  private void start(HttpExchange exchange, String repository)
      throws IOException, InterruptedException, RegistryException {
    Optional<Digest> mount = digest(exchange, "mount");
    if (mount.isPresent() && mount(exchange, repository, mount.get())) {
      return;
    }
    Optional<Digest> digest = digest(exchange, "digest");
    UploadSession session = uploads.start(repository, algorithm(exchange, digest));
    if (digest.isPresent() && exchange.body().contentLength() != 0) {
      pushWhole(exchange, session, digest.get());
    } else {
      Answers.empty(exchange, HttpResponseStatus.ACCEPTED, headers(session));
    }
  }

  /** A hit is answered here; a miss goes on as an ordinary upload, as the specification says. */
  private boolean mount(HttpExchange exchange, String repository, Digest digest)
      throws IOException, InterruptedException {
    Optional<String> from = exchange.query().first("from");
    if (from.isEmpty()
        || RepositoryName.tryParse(from.get()).isEmpty()
        || !blobs.mount(from.get(), repository, digest)) {
      return false;
    }
    created(exchange, repository, digest);
    return true;
  }

  /** The whole blob in the first request: there is no session to come back to when it fails. */
  private void pushWhole(HttpExchange exchange, UploadSession session, Digest digest)
      throws IOException, InterruptedException, RegistryException {
    boolean done = false;
    try {
      uploads.finish(session, body(exchange), null, digest);
      done = true;
    } catch (WrongOffsetException e) {
      throw new AssertionError("no offset was asked for", e);
    } finally {
      if (!done) {
        cancelFailed(session);
      }
    }
    created(exchange, session.repository(), digest);
  }

  private void cancelFailed(UploadSession session) throws IOException, InterruptedException {
    try {
      uploads.cancel(session);
    } catch (RegistryException e) {
      // Already gone: the failure that brought us here is the one to report.
      return;
    }
  }

  private static Digest.Algorithm algorithm(HttpExchange exchange, Optional<Digest> digest)
      throws RegistryException {
    if (digest.isPresent()) {
      return digest.get().algorithm();
    }
    Optional<String> announced = exchange.query().first("digest-algorithm");
    if (announced.isEmpty()) {
      return Digest.Algorithm.SHA256;
    }
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      if (algorithm.ociName().equals(announced.get().toLowerCase(Locale.ROOT))) {
        return algorithm;
      }
    }
    throw new RegistryException(
        OciError.DIGEST_INVALID, "digest-algorithm must be sha256 or sha512");
  }

  private void append(HttpExchange exchange, UploadSession session)
      throws IOException, InterruptedException, RegistryException {
    try {
      session.append(body(exchange), chunkRange(exchange));
    } catch (WrongOffsetException e) {
      wrongOffset(exchange, session, e);
      return;
    }
    Answers.empty(exchange, HttpResponseStatus.ACCEPTED, headers(session));
  }

  private void finish(HttpExchange exchange, UploadSession session)
      throws IOException, InterruptedException, RegistryException {
    Digest digest =
        digest(exchange, "digest")
            .orElseThrow(() ->
                new RegistryException(
                    OciError.DIGEST_INVALID, "an upload ends with PUT and ?digest="));
    BlobRow blob;
    try {
      blob = uploads.finish(session, body(exchange), chunkRange(exchange), digest);
    } catch (WrongOffsetException e) {
      wrongOffset(exchange, session, e);
      return;
    }
    created(exchange, session.repository(), blob.digest());
  }

  private static void status(HttpExchange exchange, UploadSession session) {
    Answers.empty(exchange, HttpResponseStatus.NO_CONTENT, headers(session));
  }

  private void cancel(HttpExchange exchange, UploadSession session)
      throws IOException, InterruptedException, RegistryException {
    uploads.cancel(session);
    Answers.empty(exchange, HttpResponseStatus.NO_CONTENT, Answers.headers());
  }

  private static void wrongOffset(
      HttpExchange exchange, UploadSession session, WrongOffsetException wrong) {
    Answers.error(
        exchange,
        new RegistryException(
            OciError.BLOB_UPLOAD_INVALID,
            HttpResponseStatus.REQUESTED_RANGE_NOT_SATISFIABLE.code(),
            String.valueOf(wrong.getMessage())),
        headers(session));
  }

  private static void created(HttpExchange exchange, String repository, Digest digest) {
    Answers.empty(
        exchange,
        HttpResponseStatus.CREATED,
        Answers.headers()
            .set(HttpHeaderNames.LOCATION, "/v2/" + repository + "/blobs/" + digest)
            .set(Answers.DIGEST, digest.toString()));
  }

  private static HttpHeaders headers(UploadSession session) {
    // Before any byte there is no last one; "0-0" is what clients can parse.
    long last = Math.max(0, session.offset() - 1);
    return Answers.headers()
        .set(
            HttpHeaderNames.LOCATION,
            "/v2/" + session.repository() + "/blobs/uploads/" + session.id())
        .set(HttpHeaderNames.RANGE, "0-" + last)
        .set("docker-upload-uuid", session.id());
  }

  private ByteSource body(HttpExchange exchange) {
    RequestBody body = exchange.body();
    return () -> {
      ByteBuf bytes = body.read();
      if (bytes != null) {
        metrics.received(bytes.readableBytes());
      }
      return bytes;
    };
  }

  private static @Nullable ChunkRange chunkRange(HttpExchange exchange) throws RegistryException {
    String header = exchange.headers().get(HttpHeaderNames.CONTENT_RANGE);
    if (header == null) {
      return null;
    }
    ChunkRange range = ChunkRange.parse(header);
    long announced = exchange.body().contentLength();
    if (announced >= 0 && announced != range.length()) {
      throw new RegistryException(
          OciError.SIZE_INVALID,
          "Content-Range announces " + range.length() + " bytes and Content-Length " + announced);
    }
    return range;
  }

  private static Optional<Digest> digest(HttpExchange exchange, String parameter)
      throws RegistryException {
    Optional<String> text = exchange.query().first(parameter);
    return text.isEmpty()
        ? Optional.empty()
        : Optional.of(Digest.tryParse(text.get()).orElseThrow(Route::malformedDigest));
  }
}
