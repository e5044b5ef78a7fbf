package dev.longshore.agent.mirror;

import dev.longshore.agent.blob.Blobs;
import dev.longshore.agent.blob.FetchAhead;
import dev.longshore.agent.upstream.Caller;
import dev.longshore.agent.upstream.KnownManifest;
import dev.longshore.agent.upstream.Upstream;
import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.ImageIndex;
import dev.longshore.oci.MediaTypes;
import dev.longshore.oci.OciError;
import dev.longshore.oci.TagOrDigest;
import dev.longshore.service.http.HttpExchange;
import dev.longshore.service.http.HttpHandler;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.source.Registries;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The pulling half of the OCI distribution-spec 1.1, as containerd's hosts.toml expects it of a
 * mirror: {@code ?ns=} says which registry is meant.
 */
public final class Mirror implements HttpHandler {
  static final String CONTENT_DIGEST = "Docker-Content-Digest";
  private static final byte[] EMPTY_OBJECT = "{}".getBytes(StandardCharsets.UTF_8);

  private final Registries registries;
  private final Upstream upstream;
  private final BlobAnswers blobs;
  private final FetchAhead ahead;
  private final MirrorMetrics metrics;

  /**
   * A mirror.
   *
   * @param ahead fetches the small blobs of a manifest that is asked for
   */
  public Mirror(
      Registries registries,
      Upstream upstream,
      Blobs blobs,
      FetchAhead ahead,
      MirrorMetrics metrics) {
    this.ahead = ahead;
    this.registries = registries;
    this.upstream = upstream;
    this.blobs = new BlobAnswers(upstream, blobs, metrics);
    this.metrics = metrics;
  }

  /** Answers an exchange whose handler failed. */
  public static void answerFailure(HttpExchange exchange, Throwable failure) {
    MirrorErrors.answer(exchange, failure);
  }

  @Override
  public void handle(HttpExchange exchange) {
    if (!exchange.method().equals(HttpMethod.GET) && !exchange.method().equals(HttpMethod.HEAD)) {
      HttpHeaders headers = MirrorErrors.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
      MirrorErrors.answer(
          exchange,
          HttpResponseStatus.METHOD_NOT_ALLOWED,
          headers,
          List.of(OciError.UNSUPPORTED.with("a mirror only serves GET and HEAD; push elsewhere")));
      return;
    }
    MirrorPath path = MirrorPath.parse(exchange.path());
    Optional<String> registry = exchange.query().first("ns").or(registries::only);
    switch (path) {
      case MirrorPath.Unknown unknown ->
          MirrorErrors.answer(
              exchange,
              HttpResponseStatus.NOT_FOUND,
              MirrorErrors.headers(),
              List.of(OciError.UNSUPPORTED.with("nothing is served at " + exchange.path())));
      case MirrorPath.Invalid invalid ->
          MirrorErrors.answer(exchange, invalid.error(), invalid.message());
      case MirrorPath.Ping ping when registry.isEmpty() -> answerPing(exchange);
      default -> withRegistry(exchange, path, registry);
    }
  }

  private void withRegistry(HttpExchange exchange, MirrorPath path, Optional<String> registry) {
    if (registry.isEmpty()) {
      MirrorErrors.answer(
          exchange,
          OciError.NAME_INVALID,
          "which registry? Send ?ns=REGISTRY (containerd does), or give the agent exactly one"
              + " --upstream NAME=URL");
      return;
    }
    String name = registry.get();
    if (!Registries.isName(name)) {
      MirrorErrors.answer(exchange, OciError.NAME_INVALID, "ns= is not the name of a registry");
      return;
    }
    exchange.fork(() -> {
      try {
        answer(exchange, path, name);
      } catch (IOException | InterruptedException e) {
        MirrorErrors.answer(exchange, e);
      }
    });
  }

  private void answer(HttpExchange exchange, MirrorPath path, String registry)
      throws IOException, InterruptedException {
    switch (path) {
      case MirrorPath.Manifest manifest ->
          manifest(
              exchange, caller(exchange, registry, manifest.repository()), manifest.reference());
      case MirrorPath.Blob blob ->
          blobs.answer(exchange, caller(exchange, registry, blob.repository()), blob.digest());
      case MirrorPath.Tags tags -> tags(exchange, caller(exchange, registry, tags.repository()));
      case MirrorPath.Referrers referrers ->
          referrers(
              exchange, caller(exchange, registry, referrers.repository()), referrers.subject());
      case MirrorPath.Transfer transfer ->
          blobs.tellTransfer(
              exchange, caller(exchange, registry, transfer.repository()), transfer.digest());
      case MirrorPath.LayerIndex index ->
          blobs.answerIndex(
              exchange, caller(exchange, registry, index.repository()), index.layer());
      case MirrorPath.Ping ping -> {
        upstream.ping(caller(exchange, registry, ""));
        answerPing(exchange);
      }
      case MirrorPath.Invalid invalid -> throw new IllegalStateException("answered already");
      case MirrorPath.Unknown unknown -> throw new IllegalStateException("answered already");
    }
  }

  private static Caller caller(HttpExchange exchange, String registry, String repository) {
    return new Caller(
        new SourceRef(registry, repository), exchange.headers().get(HttpHeaderNames.AUTHORIZATION));
  }

  private static void answerPing(HttpExchange exchange) {
    json(exchange, MirrorErrors.headers(), EMPTY_OBJECT.clone(), MediaTypes.JSON);
  }

  private void manifest(HttpExchange exchange, Caller caller, TagOrDigest reference)
      throws IOException, InterruptedException {
    metrics.manifestAsked();
    if (exchange.method().equals(HttpMethod.HEAD)) {
      Descriptor found = upstream.headManifest(caller, reference);
      exchange.respondHead(
          HttpResponseStatus.OK, manifestHeaders(found.mediaType(), found.digest()), found.size());
      return;
    }
    KnownManifest found = upstream.manifest(caller, reference);
    exchange.respond(
        HttpResponseStatus.OK,
        manifestHeaders(found.mediaType(), found.digest()),
        Unpooled.wrappedBuffer(found.bytes()));
    // By digest, as containerd does before it pulls; whoever asks by tag may just want to look.
    if (reference instanceof Digest && ahead.begins(found.digest())) {
      ahead.fetch(upstream.blobsOf(caller, found));
    }
  }

  private static HttpHeaders manifestHeaders(String mediaType, Digest digest) {
    return MirrorErrors.headers()
        .set(HttpHeaderNames.CONTENT_TYPE, mediaType)
        .set(CONTENT_DIGEST, digest.toString())
        .set(HttpHeaderNames.ETAG, "\"" + digest + "\"");
  }

  private void tags(HttpExchange exchange, Caller caller) throws IOException {
    TagPage page = TagPage.of(upstream.tags(caller), exchange.query());
    HttpHeaders headers = MirrorErrors.headers();
    page.next(exchange.path(), exchange.query()).ifPresent(link -> headers.set("Link", link));
    json(exchange, headers, page.json(caller.source().repository()), MediaTypes.JSON);
  }

  private void referrers(HttpExchange exchange, Caller caller, Digest subject) throws IOException {
    @Nullable String type = exchange.query().first("artifactType").orElse(null);
    HttpHeaders headers = MirrorErrors.headers();
    if (type != null) {
      headers.set("OCI-Filters-Applied", "artifactType");
    }
    byte[] index = ImageIndex.of(upstream.referrers(caller, subject, type), Map.of()).bytes();
    json(exchange, headers, index, MediaTypes.OCI_INDEX);
  }

  private static void json(HttpExchange exchange, HttpHeaders headers, byte[] body, String type) {
    exchange.respond(
        HttpResponseStatus.OK,
        headers.set(HttpHeaderNames.CONTENT_TYPE, type),
        Unpooled.wrappedBuffer(body));
  }
}
