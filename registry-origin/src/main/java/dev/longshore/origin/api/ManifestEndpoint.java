package dev.longshore.origin.api;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.longshore.oci.Digest;
import dev.longshore.oci.Manifest;
import dev.longshore.oci.OciError;
import dev.longshore.oci.Tag;
import dev.longshore.oci.TagOrDigest;
import dev.longshore.origin.metadata.ManifestRow;
import dev.longshore.origin.metrics.OriginMetrics;
import dev.longshore.origin.registry.Manifests;
import dev.longshore.origin.registry.RegistryException;
import dev.longshore.service.http.BodyTooLargeException;
import dev.longshore.service.http.HttpExchange;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Pulls, pushes and deletes manifests. */
final class ManifestEndpoint {

  /** As many tags as one push may set (the specification asks for at least 10). */
  private static final int MOST_TAGS = 100;

  private static final String METHODS = "GET, HEAD, PUT, DELETE";

  private final Manifests manifests;
  private final OriginMetrics metrics;

  /** Headers are rendered once for as long as the row is in the registry's own cache. */
  private final Cache<ManifestRow, HttpHeaders> rendered = Caffeine.newBuilder().weakKeys().build();

  ManifestEndpoint(Manifests manifests, OriginMetrics metrics) {
    this.manifests = manifests;
    this.metrics = metrics;
  }

  void handle(HttpExchange exchange, Route.ManifestRoute route) {
    switch (exchange.method().name()) {
      case "GET", "HEAD" -> {
        ManifestRow cached = manifests.cached(route.repository(), route.reference());
        if (cached != null) {
          send(exchange, cached);
        } else {
          exchange.fork(() -> get(exchange, route));
        }
      }
      case "PUT" -> exchange.fork(() -> put(exchange, route));
      case "DELETE" -> exchange.fork(() -> delete(exchange, route));
      default -> DistributionApi.unsupported(exchange, METHODS);
    }
  }

  private void get(HttpExchange exchange, Route.ManifestRoute route)
      throws IOException, InterruptedException, RegistryException {
    send(
        exchange,
        manifests.find(route.repository(), route.reference()).orElseThrow(() -> unknown(route)));
  }

  private void send(HttpExchange exchange, ManifestRow manifest) {
    HttpHeaders headers = rendered.get(manifest, ManifestEndpoint::render).copy();
    String known = exchange.headers().get(HttpHeaderNames.IF_NONE_MATCH);
    if (known != null && known.equals(headers.get(HttpHeaderNames.ETAG))) {
      Answers.empty(exchange, HttpResponseStatus.NOT_MODIFIED, headers);
    } else {
      exchange.respond(HttpResponseStatus.OK, headers, Unpooled.wrappedBuffer(manifest.content()));
    }
  }

  private static HttpHeaders render(ManifestRow manifest) {
    return Answers.headers()
        .set(HttpHeaderNames.CONTENT_TYPE, manifest.mediaType())
        .set(Answers.DIGEST, manifest.digest().toString())
        .set(HttpHeaderNames.ETAG, '"' + manifest.digest().toString() + '"');
  }

  private void put(HttpExchange exchange, Route.ManifestRoute route)
      throws IOException, InterruptedException, RegistryException {
    List<Tag> tags = new ArrayList<>();
    Optional<String> wanted = Optional.empty();
    switch (route.reference()) {
      case Tag tag -> {
        tags.add(tag);
        wanted = exchange.query().first("digest");
      }
      case Digest digest -> {
        wanted = Optional.of(digest.toString());
        tags.addAll(extraTags(exchange));
      }
    }
    byte[] bytes = body(exchange);
    Digest digest = digest(bytes, wanted);
    Optional<Digest> subject =
        manifests.put(
            route.repository(),
            digest,
            tags,
            bytes,
            exchange.headers().get(HttpHeaderNames.CONTENT_TYPE));
    HttpHeaders headers =
        Answers.headers()
            .set(HttpHeaderNames.LOCATION, "/v2/" + route.repository() + "/manifests/" + digest)
            .set(Answers.DIGEST, digest.toString());
    subject.ifPresent(value -> headers.set("oci-subject", value.toString()));
    if (route.reference() instanceof Digest) {
      tags.forEach(tag -> headers.add("oci-tag", tag.value()));
    }
    Answers.empty(exchange, HttpResponseStatus.CREATED, headers);
  }

  private static List<Tag> extraTags(HttpExchange exchange) throws RegistryException {
    List<String> texts = exchange.query().all("tag");
    if (texts.size() > MOST_TAGS) {
      throw new RegistryException(
          OciError.TAG_INVALID,
          HttpResponseStatus.REQUEST_URI_TOO_LONG.code(),
          "one push sets at most " + MOST_TAGS + " tags, found " + texts.size());
    }
    List<Tag> tags = new ArrayList<>();
    for (String text : texts) {
      tags.add(
          Tag.tryParse(text)
              .orElseThrow(
                  () -> new RegistryException(OciError.TAG_INVALID, "a tag is not well-formed")));
    }
    return tags;
  }

  private byte[] body(HttpExchange exchange)
      throws IOException, InterruptedException, RegistryException {
    try {
      byte[] bytes = exchange.body().readAll(Manifest.MAX_BYTES);
      metrics.received(bytes.length);
      return bytes;
    } catch (BodyTooLargeException e) {
      throw new RegistryException(
          OciError.MANIFEST_INVALID,
          HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE.code(),
          "a manifest may have at most " + Manifest.MAX_BYTES + " bytes");
    }
  }

  private static Digest digest(byte[] bytes, Optional<String> wanted) throws RegistryException {
    if (wanted.isEmpty()) {
      return Digest.sha256(bytes);
    }
    Digest expected = Digest.tryParse(wanted.get()).orElseThrow(Route::malformedDigest);
    Digest.Algorithm algorithm = expected.algorithm();
    Digest found = Digest.of(algorithm, algorithm.newHasher().digest(bytes));
    if (!found.equals(expected)) {
      throw new RegistryException(
          OciError.DIGEST_INVALID,
          "the manifest received has the digest " + found + ", expected " + expected);
    }
    return found;
  }

  private void delete(HttpExchange exchange, Route.ManifestRoute route)
      throws IOException, InterruptedException, RegistryException {
    if (!manifests.delete(route.repository(), route.reference())) {
      throw unknown(route);
    }
    Answers.empty(exchange, HttpResponseStatus.ACCEPTED, Answers.headers());
  }

  private static RegistryException unknown(Route.ManifestRoute route) {
    TagOrDigest reference = route.reference();
    return new RegistryException(
        OciError.MANIFEST_UNKNOWN,
        route.repository()
            + switch (reference) {
              case Tag tag -> " has no tag " + tag;
              case Digest digest -> " has no manifest " + digest;
            });
  }
}
