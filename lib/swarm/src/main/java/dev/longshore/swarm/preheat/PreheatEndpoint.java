package dev.longshore.swarm.preheat;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.Platform;
import dev.longshore.oci.Reference;
import dev.longshore.oci.client.RegistryException;
import dev.longshore.oci.json.BoundedJson;
import dev.longshore.oci.layout.ImageTree;
import dev.longshore.service.http.HttpExchange;
import dev.longshore.service.http.HttpHandler;
import dev.longshore.service.http.JsonAnswer;
import dev.longshore.swarm.Priority;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.node.SourceDeniedException;
import dev.longshore.swarm.store.PieceStore;
import dev.longshore.swarm.store.PieceStore.BlobSummary;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /api/v1/preheat} at a member's admin address.
 *
 * <p>{@code POST {"image": REFERENCE, "platform": "OS/ARCH" or "all"}} wants every blob of an
 * image, by default that for the member's own platform, and answers 202 with how it stands; {@code
 * GET ?digest=…} with the digest from that answer tells how it stands then. Asking again for an
 * image is safe: it tries anew what was given up and does nothing about what is here. What the
 * asker's {@code Authorization} header shows is shown to the registry.
 */
public final class PreheatEndpoint implements HttpHandler {
  /** Where it is served. */
  public static final String PATH = "/api/v1/preheat";

  private static final int MAX_REQUEST = 16 << 10;

  /** Of all images that are remembered; the oldest go first. */
  private static final int BLOBS_REMEMBERED = 20_000;

  private final PreheatingMember member;
  private final FetchQueue queue;
  private final PieceStore store;
  private final Map<Digest, PreheatedImage> images = new LinkedHashMap<>(); // guarded by itself
  private int remembered; // guarded by images

  public PreheatEndpoint(PreheatingMember member, FetchQueue queue, PieceStore store) {
    this.member = member;
    this.queue = queue;
    this.store = store;
  }

  @Override
  public void handle(HttpExchange exchange) {
    if (exchange.method().equals(HttpMethod.GET)) {
      exchange.fork(() -> tell(exchange));
    } else if (exchange.method().equals(HttpMethod.POST)) {
      exchange.fork(() -> want(exchange));
    } else {
      JsonAnswer.send(
          exchange,
          HttpResponseStatus.METHOD_NOT_ALLOWED,
          new DefaultHttpHeaders().set(HttpHeaderNames.ALLOW, "GET, POST"),
          Map.of("error", "only GET and POST"));
    }
  }

  private void tell(HttpExchange exchange) {
    Optional<String> named = exchange.query().first("digest");
    if (named.isEmpty()) {
      JsonAnswer.send(exchange, HttpResponseStatus.OK, Map.of("images", list()));
      return;
    }
    PreheatedImage image = Digest.tryParse(named.get()).map(this::find).orElse(null);
    if (image == null) {
      JsonAnswer.sendError(
          exchange,
          HttpResponseStatus.NOT_FOUND,
          "no preheat of " + named.get() + " is remembered; POST it again");
      return;
    }
    JsonAnswer.send(exchange, HttpResponseStatus.OK, report(image));
  }

  private @Nullable PreheatedImage find(Digest digest) {
    synchronized (images) {
      return images.get(digest);
    }
  }

  private List<Map<String, String>> list() {
    synchronized (images) {
      return images.values().stream()
          .map(image ->
              Map.of(
                  "image", image.image(),
                  "platform", image.platform(),
                  "digest", image.digest().toString()))
          .toList();
    }
  }

  private void want(HttpExchange exchange) throws IOException, InterruptedException {
    String type = exchange.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
    if (!type.startsWith("application/json")) {
      // A page in somebody's browser can send no other type unasked.
      JsonAnswer.sendError(
          exchange,
          HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE,
          "expected Content-Type: application/json, found '" + type + "'");
      return;
    }
    Request request;
    try {
      request = Request.parse(exchange.body().readAll(MAX_REQUEST));
    } catch (IOException | IllegalArgumentException e) {
      JsonAnswer.sendError(
          exchange, HttpResponseStatus.BAD_REQUEST, String.valueOf(e.getMessage()));
      return;
    }
    try {
      want(exchange, request, exchange.headers().get(HttpHeaderNames.AUTHORIZATION));
    } catch (RegistryException e) {
      passOn(exchange, e);
    } catch (IOException e) {
      JsonAnswer.sendError(
          exchange, HttpResponseStatus.BAD_GATEWAY, String.valueOf(e.getMessage()));
    }
  }

  private void want(HttpExchange exchange, Request request, @Nullable String authorization)
      throws IOException {
    SourceRef source = request.source();
    ImageTree tree =
        ImageTree.load(
            request.image().target(),
            request.platform().orElse(null),
            reference -> {
              try {
                return member.manifest(source, reference, authorization);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("the member is stopping");
              }
            });
    PreheatedImage image =
        new PreheatedImage(
            request.image().toString(),
            request.platform().map(Platform::toString).orElse("all"),
            tree.root().digest(),
            tree.blobs());
    remember(image);
    for (Descriptor blob : image.blobs()) {
      if (blob.size() > 0
          && !queue.want(
              blob.digest(),
              blob.size(),
              source,
              Priority.PREHEAT,
              _ -> fetch(source, blob, authorization))) {
        JsonAnswer.sendError(
            exchange,
            HttpResponseStatus.SERVICE_UNAVAILABLE,
            "too many blobs are waiting already; ask again for the rest");
        return;
      }
    }
    JsonAnswer.send(exchange, HttpResponseStatus.ACCEPTED, report(image));
  }

  private void fetch(SourceRef source, Descriptor blob, @Nullable String authorization)
      throws IOException, InterruptedException {
    try {
      member.fetch(source, blob, authorization);
    } catch (RegistryException e) {
      if (e.status() == 404) {
        throw new SourceDeniedException(String.valueOf(e.getMessage()), e);
      }
      throw e;
    }
  }

  private void remember(PreheatedImage image) {
    synchronized (images) {
      forget(image.digest());
      images.put(image.digest(), image);
      remembered += image.blobs().size();
      while (remembered > BLOBS_REMEMBERED && images.size() > 1) {
        forget(images.keySet().iterator().next());
      }
    }
  }

  private void forget(Digest digest) {
    PreheatedImage known = images.remove(digest);
    if (known != null) {
      remembered -= known.blobs().size();
    }
  }

  private PreheatedImage.Report report(PreheatedImage image) {
    // The queue is asked first: what it calls done is in the list, or was evicted since.
    Map<Digest, FetchQueue.Report> queued =
        image.blobs().stream()
            .map(Descriptor::digest)
            .flatMap(digest -> queue.report(digest).stream())
            .collect(Collectors.toMap(report -> Digest.parse(report.digest()), report -> report));
    Map<Digest, BlobSummary> stored =
        store.list().stream().collect(Collectors.toMap(BlobSummary::digest, blob -> blob));
    return image.report(queued::get, stored, member::arrived);
  }

  /** What the registry said goes on, its challenge above all. */
  private static void passOn(HttpExchange exchange, RegistryException refused) {
    HttpHeaders headers = new DefaultHttpHeaders();
    refused
        .challenge()
        .ifPresent(challenge -> headers.set(HttpHeaderNames.WWW_AUTHENTICATE, challenge));
    HttpResponseStatus status =
        refused.status() >= 400 && refused.status() < 500
            ? HttpResponseStatus.valueOf(refused.status())
            : HttpResponseStatus.BAD_GATEWAY;
    JsonAnswer.send(
        exchange, status, headers, Map.of("error", String.valueOf(refused.getMessage())));
  }

  /**
   * What is asked for.
   *
   * @param platform empty for all of them
   */
  private record Request(Reference image, Optional<Platform> platform) {

    static Request parse(byte[] body) throws IOException {
      ObjectNode json = BoundedJson.parseObject(body, MAX_REQUEST, "the request");
      for (String name : json.propertyNames()) {
        if (!name.equals("image") && !name.equals("platform")) {
          throw new IllegalArgumentException(
              "expected \"image\" and perhaps \"platform\", found \"" + name + "\"");
        }
      }
      String image = text(json, "image");
      String platform = text(json, "platform");
      return new Request(
          Reference.parse(image),
          switch (platform) {
            case "" -> Optional.of(Platform.current());
            case "all" -> Optional.empty();
            default -> Optional.of(Platform.parse(platform));
          });
    }

    /** A field's text, empty when there is no such field. */
    private static String text(ObjectNode json, String name) {
      JsonNode value = json.path(name);
      if (!value.isMissingNode() && !value.isString()) {
        throw new IllegalArgumentException("expected \"" + name + "\" to be a string");
      }
      return value.asString("");
    }

    SourceRef source() {
      return new SourceRef(image.registry(), image.repository().value());
    }
  }
}
