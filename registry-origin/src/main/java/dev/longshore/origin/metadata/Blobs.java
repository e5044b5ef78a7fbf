package dev.longshore.origin.metadata;

import dev.longshore.oci.Digest;
import dev.longshore.origin.store.StorageKey;
import java.time.Clock;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/** Statements on blobs, the uploads that become blobs, and the objects that no longer are. */
final class Blobs {
  static final RowMapper<BlobRow> ROW =
      (row, context) ->
          new BlobRow(
              Digest.parse(row.getString("digest")),
              row.getLong("size"),
              new StorageKey(row.getString("storage_key")));

  private Blobs() {}

  /**
   * A blob that is in a repository: by itself, or as the index of a layer that is. A CROSS JOIN
   * keeps SQLite from going through all blobs of the repository instead of the one layer
   * (https://www.sqlite.org/optoverview.html, section 8.1).
   */
  static Optional<BlobRow> inRepository(Handle handle, String repository, Digest digest) {
    return handle
        .createQuery(
            """
            SELECT b.digest, b.size, b.storage_key
            FROM blobs b, (SELECT id FROM repositories WHERE name = :repository) r
            WHERE b.digest = :digest
              AND (EXISTS (
                  SELECT 1 FROM repository_blobs rb
                  WHERE rb.repository_id = r.id AND rb.blob_id = b.id)
                OR EXISTS (
                  SELECT 1
                  FROM layer_indexes li
                  CROSS JOIN repository_blobs rb ON rb.blob_id = li.layer_id
                  WHERE li.index_id = b.id AND rb.repository_id = r.id))\
            """)
        .bind("repository", repository)
        .bind("digest", digest.toString())
        .map(ROW)
        .findOne();
  }

  /** A blob, in whatever repository. */
  static Optional<BlobRow> find(Handle handle, Digest digest) {
    return handle
        .createQuery("SELECT digest, size, storage_key FROM blobs WHERE digest = ?")
        .bind(0, digest.toString())
        .map(ROW)
        .findOne();
  }

  static Optional<Long> id(Handle handle, Digest digest) {
    return handle
        .createQuery("SELECT id FROM blobs WHERE digest = ?")
        .bind(0, digest.toString())
        .mapTo(Long.class)
        .findOne();
  }

  static BlobRow commit(Handle handle, UploadRow upload, Digest digest, long size, Clock clock) {
    Uploads.end(handle, upload);
    insert(handle, upload.key(), digest, size, clock);
    link(handle, upload.repository(), digest, clock);
    return inRepository(handle, upload.repository(), digest).orElseThrow();
  }

  /** Makes an object a blob; one whose digest is stored already is doomed. */
  static void insert(Handle handle, StorageKey key, Digest digest, long size, Clock clock) {
    int inserted =
        handle.execute(
            """
            INSERT INTO blobs (digest, size, storage_key, created_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (digest) DO NOTHING\
            """,
            digest.toString(),
            size,
            key.value(),
            clock.millis());
    if (inserted == 0) {
      doom(handle, key);
    }
  }

  static boolean mount(Handle handle, String from, String to, Digest digest, Clock clock) {
    if (inRepository(handle, from, digest).isEmpty()) {
      return false;
    }
    link(handle, to, digest, clock);
    return true;
  }

  static Set<Digest> delete(Handle handle, String repository, Digest digest) {
    Optional<Long> id = id(handle, digest);
    if (id.isEmpty() || !unlink(handle, repository, id.get())) {
      return Set.of();
    }
    Set<Digest> gone = new LinkedHashSet<>(List.of(digest));
    LayerIndexes.find(handle, digest)
        .ifPresent(found -> {
          if (found instanceof LayerIndexRow.Made(BlobRow index)) {
            gone.add(index.digest());
          }
        });
    removeUnused(handle, id.get());
    return gone;
  }

  private static boolean unlink(Handle handle, String repository, long id) {
    return handle.execute(
            """
            DELETE FROM repository_blobs
            WHERE repository_id = (SELECT id FROM repositories WHERE name = ?) AND blob_id = ?\
            """,
            repository,
            id)
        > 0;
  }

  /** A blob that is in no repository, and no index of a layer, goes; its own index after it. */
  static void removeUnused(Handle handle, long id) {
    Optional<Long> index = LayerIndexes.indexOf(handle, id);
    Optional<String> key =
        handle
            .createQuery(
                """
                DELETE FROM blobs
                WHERE id = ?
                  AND NOT EXISTS (SELECT 1 FROM repository_blobs rb WHERE rb.blob_id = blobs.id)
                  AND NOT EXISTS (SELECT 1 FROM layer_indexes li WHERE li.index_id = blobs.id)
                RETURNING storage_key\
                """)
            .bind(0, id)
            .mapTo(String.class)
            .findOne();
    if (key.isPresent()) {
      doom(handle, new StorageKey(key.get()));
      index.ifPresent(unused -> removeUnused(handle, unused));
    }
  }

  static void doom(Handle handle, StorageKey key) {
    handle.execute("INSERT INTO doomed_objects (storage_key) VALUES (?)", key.value());
  }

  static List<StorageKey> doomed(Handle handle, int limit) {
    return handle
        .createQuery("SELECT storage_key FROM doomed_objects LIMIT ?")
        .bind(0, limit)
        .mapTo(String.class)
        .map(StorageKey::new)
        .list();
  }

  static void forgetDoomed(Handle handle, List<StorageKey> keys) {
    for (StorageKey key : keys) {
      handle.execute("DELETE FROM doomed_objects WHERE storage_key = ?", key.value());
    }
  }

  static Optional<byte[]> pieceMap(Handle handle, Digest digest) {
    return handle
        .createQuery(
            """
            SELECT p.encoded FROM piece_maps p JOIN blobs b ON b.id = p.blob_id
            WHERE b.digest = ?\
            """)
        .bind(0, digest.toString())
        .mapTo(byte[].class)
        .findOne();
  }

  static boolean putPieceMap(Handle handle, Digest digest, byte[] encoded) {
    return handle.execute(
            """
            INSERT OR REPLACE INTO piece_maps (blob_id, encoded)
            SELECT id, ? FROM blobs WHERE digest = ?\
            """,
            encoded,
            digest.toString())
        > 0;
  }

  static List<BlobRow> withoutPieceMap(Handle handle, int limit) {
    return handle
        .createQuery(
            """
            SELECT digest, size, storage_key FROM blobs b
            WHERE NOT EXISTS (SELECT 1 FROM piece_maps p WHERE p.blob_id = b.id)
            ORDER BY id DESC LIMIT ?\
            """)
        .bind(0, limit)
        .map(ROW)
        .list();
  }

  /** A blob that a manifest of the repository refers to stays there, be it only an index so far. */
  static boolean adopt(Handle handle, long repositoryId, Digest digest, Clock clock) {
    return handle.execute(
            """
            INSERT INTO repository_blobs (repository_id, blob_id, linked_at)
            SELECT rb.repository_id, i.id, ?
            FROM blobs i
            CROSS JOIN layer_indexes li ON li.index_id = i.id
            CROSS JOIN repository_blobs rb ON rb.blob_id = li.layer_id
            WHERE i.digest = ? AND rb.repository_id = ?\
            """,
            clock.millis(),
            digest.toString(),
            repositoryId)
        > 0;
  }

  private static void link(Handle handle, String repository, Digest digest, Clock clock) {
    handle.execute(
        """
        INSERT INTO repository_blobs (repository_id, blob_id, linked_at)
        SELECT ?, id, ? FROM blobs WHERE digest = ?
        ON CONFLICT (repository_id, blob_id) DO UPDATE SET linked_at = excluded.linked_at\
        """,
        Repositories.idOrCreate(handle, repository, clock),
        clock.millis(),
        digest.toString());
  }
}
