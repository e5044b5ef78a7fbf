package dev.longshore.origin.metadata;

import dev.longshore.oci.Digest;
import java.time.Clock;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Statements on manifests, what they refer to, and the tags that point at them. */
final class Manifests {
  private Manifests() {}

  static List<BlobRow> put(
      Handle handle, String repository, NewManifest manifest, List<String> tags, Clock clock)
      throws MissingReferencesException {
    long repositoryId = Repositories.idOrCreate(handle, repository, clock);
    checkReferences(handle, repositoryId, manifest, clock);
    long id = upsert(handle, repositoryId, manifest, clock);
    for (NewManifest.Reference reference : manifest.references()) {
      handle.execute(
          """
          INSERT INTO manifest_references (manifest_id, kind, digest) VALUES (?, ?, ?)
          ON CONFLICT DO NOTHING\
          """,
          id,
          reference.kind().code(),
          reference.digest().toString());
    }
    for (String tag : tags) {
      handle.execute(
          """
          INSERT INTO tags (repository_id, name, manifest_id, updated_at) VALUES (?, ?, ?, ?)
          ON CONFLICT (repository_id, name)
          DO UPDATE SET manifest_id = excluded.manifest_id, updated_at = excluded.updated_at\
          """,
          repositoryId,
          tag,
          id,
          clock.millis());
    }
    return LayerIndexes.want(handle, repository, manifest.lazyLayers());
  }

  private static void checkReferences(
      Handle handle, long repositoryId, NewManifest manifest, Clock clock)
      throws MissingReferencesException {
    Set<Digest> missing = new LinkedHashSet<>();
    for (NewManifest.Reference reference : manifest.references()) {
      if (!exists(handle, repositoryId, reference)
          && !isAdopted(handle, repositoryId, reference, clock)
          && reference.required()) {
        missing.add(reference.digest());
      }
    }
    if (!missing.isEmpty()) {
      throw new MissingReferencesException(List.copyOf(missing));
    }
  }

  private static boolean exists(Handle handle, long repositoryId, NewManifest.Reference reference) {
    String query =
        switch (reference.kind()) {
          case BLOB ->
              """
              SELECT 1 FROM repository_blobs rb JOIN blobs b ON b.id = rb.blob_id
              WHERE rb.repository_id = ? AND b.digest = ?\
              """;
          case MANIFEST -> "SELECT 1 FROM manifests WHERE repository_id = ? AND digest = ?";
        };
    return handle
        .createQuery(query)
        .bind(0, repositoryId)
        .bind(1, reference.digest().toString())
        .mapTo(Integer.class)
        .findOne()
        .isPresent();
  }

  private static boolean isAdopted(
      Handle handle, long repositoryId, NewManifest.Reference reference, Clock clock) {
    return reference.kind() == NewManifest.Kind.BLOB
        && Blobs.adopt(handle, repositoryId, reference.digest(), clock);
  }

  private static long upsert(Handle handle, long repositoryId, NewManifest manifest, Clock clock) {
    ManifestRow row = manifest.row();
    // The same digest is the same content; only its media type can change with the Content-Type.
    return handle
        .createQuery(
            """
            INSERT INTO manifests (repository_id, digest, media_type, subject, artifact_type,
                annotations, size, pushed_at, content)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (repository_id, digest)
            DO UPDATE SET media_type = excluded.media_type, pushed_at = excluded.pushed_at,
                subject = excluded.subject, artifact_type = excluded.artifact_type
            RETURNING id\
            """)
        .bind(0, repositoryId)
        .bind(1, row.digest().toString())
        .bind(2, row.mediaType())
        .bind(3, manifest.subject() == null ? null : manifest.subject().toString())
        .bind(4, manifest.artifactType())
        .bind(5, AnnotationsJson.encode(manifest.annotations()))
        .bind(6, row.content().length)
        .bind(7, clock.millis())
        .bind(8, row.content())
        .mapTo(Long.class)
        .one();
  }

  static Optional<ManifestRow> find(Handle handle, String repository, Digest digest) {
    return handle
        .createQuery(
            """
            SELECT m.media_type, m.content
            FROM manifests m JOIN repositories r ON r.id = m.repository_id
            WHERE r.name = ? AND m.digest = ?\
            """)
        .bind(0, repository)
        .bind(1, digest.toString())
        .map((row, context) ->
            new ManifestRow(digest, row.getString("media_type"), row.getBytes("content")))
        .findOne();
  }

  static Optional<List<String>> delete(Handle handle, String repository, Digest digest) {
    Optional<Long> found =
        handle
            .createQuery(
                """
                SELECT m.id FROM manifests m JOIN repositories r ON r.id = m.repository_id
                WHERE r.name = ? AND m.digest = ?\
                """)
            .bind(0, repository)
            .bind(1, digest.toString())
            .mapTo(Long.class)
            .findOne();
    if (found.isEmpty()) {
      return Optional.empty();
    }
    List<String> tags =
        handle
            .createQuery("SELECT name FROM tags WHERE manifest_id = ?")
            .bind(0, found.get())
            .mapTo(String.class)
            .list();
    handle.execute("DELETE FROM manifests WHERE id = ?", found.get());
    return Optional.of(tags);
  }

  static Optional<Digest> tag(Handle handle, String repository, String tag) {
    return handle
        .createQuery(
            """
            SELECT m.digest
            FROM tags t
            JOIN repositories r ON r.id = t.repository_id
            JOIN manifests m ON m.id = t.manifest_id
            WHERE r.name = ? AND t.name = ?\
            """)
        .bind(0, repository)
        .bind(1, tag)
        .mapTo(String.class)
        .findOne()
        .map(Digest::parse);
  }

  static boolean deleteTag(Handle handle, String repository, String tag) {
    return handle.execute(
            """
            DELETE FROM tags
            WHERE repository_id = (SELECT id FROM repositories WHERE name = ?) AND name = ?\
            """,
            repository,
            tag)
        > 0;
  }

  static List<String> tags(Handle handle, String repository, @Nullable String after, int limit) {
    return handle
        .createQuery(
            """
            SELECT name FROM tags
            WHERE repository_id = (SELECT id FROM repositories WHERE name = ?) AND name > ?
            ORDER BY name LIMIT ?\
            """)
        .bind(0, repository)
        .bind(1, after == null ? "" : after)
        .bind(2, limit)
        .mapTo(String.class)
        .list();
  }

  static List<ReferrerRow> referrers(
      Handle handle,
      String repository,
      Digest subject,
      @Nullable String artifactType,
      @Nullable Digest after,
      int limit) {
    return handle
        .createQuery(
            """
            SELECT digest, media_type, size, artifact_type, annotations FROM manifests
            WHERE repository_id = (SELECT id FROM repositories WHERE name = :repository)
              AND subject = :subject AND digest > :after
              AND (:type IS NULL OR artifact_type = :type)
            ORDER BY digest LIMIT :limit\
            """)
        .bind("repository", repository)
        .bind("subject", subject.toString())
        .bind("after", after == null ? "" : after.toString())
        .bind("type", artifactType)
        .bind("limit", limit)
        .map((row, context) ->
            new ReferrerRow(
                Digest.parse(row.getString("digest")),
                row.getString("media_type"),
                row.getLong("size"),
                row.getString("artifact_type"),
                AnnotationsJson.decode(row.getString("annotations"))))
        .list();
  }
}
