package dev.longshore.origin.api;

import dev.longshore.oci.OciError;
import dev.longshore.origin.metadata.BlobRow;
import dev.longshore.origin.registry.Blobs;
import dev.longshore.origin.registry.PieceMaps;
import dev.longshore.origin.registry.RegistryException;
import dev.longshore.service.http.HttpExchange;
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
    Answers.signed(exchange, MEDIA_TYPE, map);
  }
}
