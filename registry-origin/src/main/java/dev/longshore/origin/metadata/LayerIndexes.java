package dev.longshore.origin.metadata;

import dev.longshore.oci.Digest;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Statements on layers that have an index, are to have one, or can have none. */
final class LayerIndexes {
  private LayerIndexes() {}

  static Optional<LayerIndexRow> find(Handle handle, Digest layer) {
    return handle
        .createQuery(
            """
            SELECT li.reason, i.digest, i.size, i.storage_key
            FROM blobs l
            JOIN layer_indexes li ON li.layer_id = l.id
            LEFT JOIN blobs i ON i.id = li.index_id
            WHERE l.digest = ? AND (li.index_id IS NOT NULL OR li.reason IS NOT NULL)\
            """)
        .bind(0, layer.toString())
        .map((row, context) -> {
          String reason = row.getString("reason");
          LayerIndexRow found =
              reason == null
                  ? new LayerIndexRow.Made(Blobs.ROW.map(row, context))
                  : new LayerIndexRow.Impossible(reason);
          return found;
        })
        .findOne();
  }

  /** These layers are to have an index; returns those of which that was not known. */
  static List<BlobRow> want(Handle handle, String repository, List<Digest> layers) {
    List<BlobRow> wanted = new ArrayList<>();
    for (Digest layer : layers) {
      int inserted =
          handle.execute(
              """
              INSERT INTO layer_indexes (layer_id) SELECT id FROM blobs WHERE digest = ?
              ON CONFLICT (layer_id) DO NOTHING\
              """,
              layer.toString());
      if (inserted > 0) {
        Blobs.inRepository(handle, repository, layer).ifPresent(wanted::add);
      }
    }
    return wanted;
  }

  static List<BlobRow> wanted(Handle handle, int limit) {
    return handle
        .createQuery(
            """
            SELECT b.digest, b.size, b.storage_key
            FROM layer_indexes li JOIN blobs b ON b.id = li.layer_id
            WHERE li.index_id IS NULL AND li.reason IS NULL
            ORDER BY li.layer_id DESC LIMIT ?\
            """)
        .bind(0, limit)
        .map(Blobs.ROW)
        .list();
  }

  static boolean putImpossible(Handle handle, Digest layer, String reason) {
    return handle.execute(
            """
            INSERT INTO layer_indexes (layer_id, reason) SELECT id, ? FROM blobs WHERE digest = ?
            ON CONFLICT (layer_id) DO UPDATE SET reason = excluded.reason WHERE index_id IS NULL\
            """,
            reason,
            layer.toString())
        > 0;
  }

  static Optional<BlobRow> commit(
      Handle handle, Digest layer, UploadRow upload, Digest index, long size, Clock clock) {
    Uploads.end(handle, upload);
    Optional<Long> layerId = Blobs.id(handle, layer);
    if (layerId.isEmpty()) {
      Blobs.doom(handle, upload.key());
      return Optional.empty();
    }
    Optional<Long> before = indexOf(handle, layerId.get());
    Blobs.insert(handle, upload.key(), index, size, clock);
    handle.execute(
        """
        INSERT INTO layer_indexes (layer_id, index_id) SELECT ?, id FROM blobs WHERE digest = ?
        ON CONFLICT (layer_id) DO UPDATE SET index_id = excluded.index_id, reason = NULL\
        """,
        layerId.get(),
        index.toString());
    before.ifPresent(other -> Blobs.removeUnused(handle, other));
    return Blobs.find(handle, index);
  }

  /** The index of a layer by the layer's id. */
  static Optional<Long> indexOf(Handle handle, long layerId) {
    return handle
        .createQuery(
            "SELECT index_id FROM layer_indexes WHERE layer_id = ? AND index_id IS NOT NULL")
        .bind(0, layerId)
        .mapTo(Long.class)
        .findOne();
  }
}
