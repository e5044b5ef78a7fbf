package dev.longshore.origin.metadata;

import dev.longshore.oci.Digest;
import dev.longshore.origin.store.StorageKey;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/** Statements on blobs, the uploads that become blobs, and the objects that no longer are. */
final class Blobs {
  private static final RowMapper<BlobRow> ROW =
      (row, context) ->
          new BlobRow(
              Digest.parse(row.getString("digest")),
              row.getLong("size"),
              new StorageKey(row.getString("storage_key")));

  private Blobs() {}

  static Optional<BlobRow> inRepository(Handle handle, String repository, Digest digest) {
    return handle
        .createQuery(
            """
            SELECT b.digest, b.size, b.storage_key
            FROM blobs b
            JOIN repository_blobs rb ON rb.blob_id = b.id
            JOIN repositories r ON r.id = rb.repository_id
            WHERE b.digest = ? AND r.name = ?\
            """)
        .bind(0, digest.toString())
        .bind(1, repository)
        .map(ROW)
        .findOne();
  }

  static BlobRow commit(Handle handle, UploadRow upload, Digest digest, long size, Clock clock) {
    if (!Uploads.remove(handle, upload.repository(), upload.id())) {
      throw new IllegalStateException("upload " + upload.id() + " was ended by somebody else");
    }
    long now = clock.millis();
    int inserted =
        handle.execute(
            """
            INSERT INTO blobs (digest, size, storage_key, created_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (digest) DO NOTHING\
            """,
            digest.toString(),
            size,
            upload.key().value(),
            now);
    if (inserted == 0) {
      doom(handle, upload.key());
    }
    link(handle, upload.repository(), digest, clock);
    return inRepository(handle, upload.repository(), digest).orElseThrow();
  }

  static boolean mount(Handle handle, String from, String to, Digest digest, Clock clock) {
    if (inRepository(handle, from, digest).isEmpty()) {
      return false;
    }
    link(handle, to, digest, clock);
    return true;
  }

  static boolean delete(Handle handle, String repository, Digest digest) {
    int unlinked =
        handle.execute(
            """
            DELETE FROM repository_blobs
            WHERE repository_id = (SELECT id FROM repositories WHERE name = ?)
              AND blob_id = (SELECT id FROM blobs WHERE digest = ?)\
            """,
            repository,
            digest.toString());
    if (unlinked == 0) {
      return false;
    }
    handle
        .createQuery(
            """
            DELETE FROM blobs
            WHERE digest = ?
              AND NOT EXISTS (SELECT 1 FROM repository_blobs rb WHERE rb.blob_id = blobs.id)
            RETURNING storage_key\
            """)
        .bind(0, digest.toString())
        .mapTo(String.class)
        .findOne()
        .ifPresent(key -> doom(handle, new StorageKey(key)));
    return true;
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
