package dev.longshore.origin.api;

import dev.longshore.oci.Digest;
import dev.longshore.oci.OciError;
import dev.longshore.origin.metadata.BlobRow;
import dev.longshore.origin.registry.Blobs;
import dev.longshore.origin.registry.PieceMaps;
import dev.longshore.origin.registry.RegistryException;
import dev.longshore.service.http.HttpExchange;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.util.Optional;

/** Serves signed piece maps to whoever may pull the blob. */
final class PieceMapEndpoint {

  /** The binary form of {@link dev.longshore.piece.SignedPieceMap}. */
  static final String MEDIA_TYPE = "application/vnd.longshore.piecemap.v1";

  private final Blobs blobs;
  private final PieceMaps pieceMaps;

  PieceMapEndpoint(Blobs blobs, PieceMaps pieceMaps) {
    this.blobs = blobs;
    this.pieceMaps = pieceMaps;
  }

  void handle(HttpExchange exchange, Route.Pieces route) {
    BlobRow blob = blobs.cached(route.repository(), route.digest());
    byte[] map = blob == null ? null : pieceMaps.cached(blob);
    if (map != null) {
      send(exchange, map);
    } else {
      exchange.fork(() -> get(exchange, route));
    }
  }

  private void get(HttpExchange exchange, Route.Pieces route)
      throws IOException, InterruptedException, RegistryException {
    Optional<BlobRow> blob = blobs.find(route.repository(), route.digest());
    Optional<byte[]> map = blob.isEmpty() ? Optional.empty() : pieceMaps.get(blob.get());
    send(
        exchange,
        map.orElseThrow(() ->
            new RegistryException(
                OciError.BLOB_UNKNOWN, route.repository() + " has no blob " + route.digest())));
  }

  private static void send(HttpExchange exchange, byte[] map) {
    // Not the blob's digest: the same map signed with another key is another body.
    String etag = "\"" + Digest.sha256(map).hex() + "\"";
    HttpHeaders headers =
        Answers.headers()
            .set(HttpHeaderNames.CONTENT_TYPE, MEDIA_TYPE)
            .set(HttpHeaderNames.CACHE_CONTROL, "max-age=31536000, immutable")
            .set(HttpHeaderNames.ETAG, etag);
    if (etag.equals(exchange.headers().get(HttpHeaderNames.IF_NONE_MATCH))) {
      Answers.empty(exchange, HttpResponseStatus.NOT_MODIFIED, headers);
    } else {
      exchange.respond(HttpResponseStatus.OK, headers, Unpooled.wrappedBuffer(map));
    }
  }
}
