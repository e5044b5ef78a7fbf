package dev.longshore.origin.metadata;

import dev.longshore.origin.store.StorageKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/** Statements on unfinished uploads. */
final class Uploads {
  private static final RowMapper<UploadRow> ROW =
      (row, context) ->
          new UploadRow(
              row.getString("id"),
              row.getString("repository"),
              new StorageKey(row.getString("storage_key")),
              Instant.ofEpochMilli(row.getLong("started_at")));

  private Uploads() {}

  static void start(Handle handle, UploadRow upload) {
    handle.execute(
        "INSERT INTO uploads (id, repository, storage_key, started_at) VALUES (?, ?, ?, ?)",
        upload.id(),
        upload.repository(),
        upload.key().value(),
        upload.startedAt().toEpochMilli());
  }

  static Optional<UploadRow> find(Handle handle, String repository, String id) {
    return handle
        .createQuery("SELECT * FROM uploads WHERE id = ? AND repository = ?")
        .bind(0, id)
        .bind(1, repository)
        .map(ROW)
        .findOne();
  }

  static boolean cancel(Handle handle, String repository, String id) {
    Optional<UploadRow> upload = find(handle, repository, id);
    upload.ifPresent(row -> {
      remove(handle, repository, id);
      Blobs.doom(handle, row.key());
    });
    return upload.isPresent();
  }

  /** Takes away an upload that becomes a blob. */
  static void end(Handle handle, UploadRow upload) {
    if (!remove(handle, upload.repository(), upload.id())) {
      throw new IllegalStateException("upload " + upload.id() + " was ended by somebody else");
    }
  }

  static boolean remove(Handle handle, String repository, String id) {
    return handle.execute("DELETE FROM uploads WHERE id = ? AND repository = ?", id, repository)
        > 0;
  }

  static List<UploadRow> startedBefore(Handle handle, Instant time) {
    return handle
        .createQuery("SELECT * FROM uploads WHERE started_at < ?")
        .bind(0, time.toEpochMilli())
        .map(ROW)
        .list();
  }

  static long count(Handle handle) {
    return handle.createQuery("SELECT count(*) FROM uploads").mapTo(Long.class).one();
  }
}
