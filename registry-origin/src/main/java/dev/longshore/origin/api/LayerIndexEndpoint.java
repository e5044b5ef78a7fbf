package dev.longshore.origin.api;

import dev.longshore.oci.OciError;
import dev.longshore.origin.metadata.BlobRow;
import dev.longshore.origin.registry.Blobs;
import dev.longshore.origin.registry.LayerIndexes;
import dev.longshore.origin.registry.LayerIndexes.Finding;
import dev.longshore.origin.registry.RegistryException;
import dev.longshore.service.http.HttpExchange;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/**
 * Says to whoever may pull a layer which blob is its index; that blob can be pulled from the same
 * repository.
 */
final class LayerIndexEndpoint {

  /** The binary form of {@link dev.longshore.piece.SignedIndexStatement}. */
  static final String MEDIA_TYPE = "application/vnd.longshore.index-statement.v1";

  /** Enough for a layer of some GiB; agents wait 30 s for an answer and would hear none. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final int RETRY_AFTER_SECONDS = 10;

  private final Blobs blobs;
  private final LayerIndexes layerIndexes;

  LayerIndexEndpoint(Blobs blobs, LayerIndexes layerIndexes) {
    this.blobs = blobs;
    this.layerIndexes = layerIndexes;
  }

  void handle(HttpExchange exchange, Route.LayerIndexRoute route) {
    BlobRow layer = blobs.cached(route.repository(), route.layer());
    Finding finding = layer == null ? null : layerIndexes.cached(layer);
    if (finding != null) {
      send(exchange, route, finding);
    } else {
      exchange.fork(() -> get(exchange, route));
    }
  }

  private void get(HttpExchange exchange, Route.LayerIndexRoute route)
      throws IOException, InterruptedException, RegistryException {
    BlobRow layer = blobs.find(route.repository(), route.layer()).orElseThrow(() -> unknown(route));
    try {
      send(exchange, route, layerIndexes.get(layer, PATIENCE).orElseThrow(() -> unknown(route)));
    } catch (TimeoutException e) {
      Answers.error(
          exchange,
          new RegistryException(
              OciError.UNKNOWN,
              HttpResponseStatus.SERVICE_UNAVAILABLE.code(),
              "the index of " + route.layer() + " is still being made; ask again"),
          Answers.headers().set(HttpHeaderNames.RETRY_AFTER, RETRY_AFTER_SECONDS));
    }
  }

  private static RegistryException unknown(Route.LayerIndexRoute route) {
    return new RegistryException(
        OciError.BLOB_UNKNOWN, route.repository() + " has no blob " + route.layer());
  }

  private static void send(HttpExchange exchange, Route.LayerIndexRoute route, Finding finding) {
    switch (finding) {
      case Finding.Stated(byte[] statement) -> Answers.signed(exchange, MEDIA_TYPE, statement);
      case Finding.None(String reason) ->
          Answers.error(
              exchange,
              new RegistryException(
                  OciError.BLOB_UNKNOWN, route.layer() + " can have no index: " + reason));
    }
  }
}
