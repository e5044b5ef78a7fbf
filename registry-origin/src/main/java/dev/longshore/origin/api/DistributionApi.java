package dev.longshore.origin.api;

import dev.longshore.oci.OciError;
import dev.longshore.origin.auth.Authenticator;
import dev.longshore.origin.metrics.OriginMetrics;
import dev.longshore.origin.registry.Registry;
import dev.longshore.origin.registry.RegistryException;
import dev.longshore.service.http.ErrorMapper;
import dev.longshore.service.http.HttpExchange;
import dev.longshore.service.http.HttpHandler;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The registry over HTTP (OCI distribution-spec 1.1).
 *
 * <p>Answers from memory on the event loop where it can; everything that may block runs forked.
 */
public final class DistributionApi implements HttpHandler {
  private static final AsciiString BASIC = AsciiString.cached("Basic realm=\"longshore\"");
  private static final byte[] FRONT =
      """
      {"name":"Longshore origin","what":"an OCI registry","api":"/v2/"}
      """
          .getBytes(StandardCharsets.UTF_8);

  private final Authenticator authenticator;
  private final OriginMetrics metrics;
  private final ManifestEndpoint manifests;
  private final BlobEndpoint blobs;
  private final UploadEndpoint uploads;
  private final ListEndpoint lists;
  private final PieceMapEndpoint pieceMaps;
  private final LayerIndexEndpoint layerIndexes;

  public DistributionApi(Registry registry, Authenticator authenticator, OriginMetrics metrics) {
    this.authenticator = authenticator;
    this.metrics = metrics;
    this.manifests = new ManifestEndpoint(registry.manifests(), metrics);
    this.blobs = new BlobEndpoint(registry.blobs(), metrics);
    this.uploads = new UploadEndpoint(registry.uploads(), registry.blobs(), metrics);
    this.lists = new ListEndpoint(registry.manifests());
    this.pieceMaps = new PieceMapEndpoint(registry.blobs(), registry.pieceMaps());
    this.layerIndexes = new LayerIndexEndpoint(registry.blobs(), registry.layerIndexes());
  }

  /** How failures that reach the server become OCI errors. */
  public ErrorMapper errors() {
    return (exchange, failure) ->
        Answers.failure(
            new MeteredExchange(exchange, Route.of(exchange.path()).word(), metrics), failure);
  }

  @Override
  public void handle(HttpExchange exchange) {
    Route route = Route.of(exchange.path());
    MeteredExchange metered = new MeteredExchange(exchange, route.word(), metrics);
    if (route instanceof Route.Front) {
      Answers.json(metered, FRONT.clone());
      return;
    }
    String authorization = exchange.headers().get(HttpHeaderNames.AUTHORIZATION);
    switch (authenticator.check(authorization)) {
      case ALLOWED -> dispatch(metered, route);
      case DENIED -> unauthorized(metered);
      case UNDECIDED -> metered.fork(() -> verifyAndDispatch(metered, route, authorization));
    }
  }

  private void verifyAndDispatch(
      MeteredExchange exchange, Route route, @Nullable String authorization) throws Exception {
    if (authorization != null && authenticator.verify(authorization)) {
      dispatch(exchange, route);
    } else {
      unauthorized(exchange);
    }
  }

  private static void unauthorized(MeteredExchange exchange) {
    Answers.error(
        exchange,
        new RegistryException(
            OciError.UNAUTHORIZED, "log in with an account of this registry (HTTP Basic)"),
        Answers.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, BASIC));
  }

  private void dispatch(MeteredExchange exchange, Route route) {
    HttpMethod method = exchange.method();
    boolean reads = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
    switch (route) {
      case Route.ManifestRoute manifest -> manifests.handle(exchange, manifest);
      case Route.BlobRoute blob -> blobs.handle(exchange, blob);
      case Route.UploadStart start -> uploads.handle(exchange, start);
      case Route.Upload upload -> uploads.handle(exchange, upload);
      case Route.Refused refused -> Answers.error(exchange, refused.reason());
      case Route.Front front when reads -> Answers.json(exchange, FRONT.clone());
      case Route.Ping ping when reads -> Answers.json(exchange, new byte[] {'{', '}'});
      case Route.Catalog catalog when reads -> exchange.fork(() -> lists.catalog(exchange));
      case Route.Tags tags when reads -> exchange.fork(() -> lists.tags(exchange, tags));
      case Route.Referrers referrers when reads ->
          exchange.fork(() -> lists.referrers(exchange, referrers));
      case Route.Pieces pieces when reads -> pieceMaps.handle(exchange, pieces);
      case Route.LayerIndexRoute index when reads -> layerIndexes.handle(exchange, index);
      case Route.Front front -> unsupported(exchange, "GET, HEAD");
      case Route.Ping ping -> unsupported(exchange, "GET, HEAD");
      case Route.Catalog catalog -> unsupported(exchange, "GET, HEAD");
      case Route.Tags tags -> unsupported(exchange, "GET, HEAD");
      case Route.Referrers referrers -> unsupported(exchange, "GET, HEAD");
      case Route.Pieces pieces -> unsupported(exchange, "GET, HEAD");
      case Route.LayerIndexRoute index -> unsupported(exchange, "GET, HEAD");
    }
  }

  /** Answers a method that a path does not take. */
  static void unsupported(HttpExchange exchange, String allowed) {
    HttpHeaders headers = Answers.headers().set(HttpHeaderNames.ALLOW, allowed);
    Answers.error(
        exchange,
        new RegistryException(
            OciError.UNSUPPORTED,
            HttpResponseStatus.METHOD_NOT_ALLOWED.code(),
            exchange.method() + " does nothing here; try " + allowed),
        headers);
  }
}
