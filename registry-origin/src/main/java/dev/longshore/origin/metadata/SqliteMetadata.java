package dev.longshore.origin.metadata;

import static dev.longshore.origin.metadata.GroupCommitWriter.Durability.CRASH;
import static dev.longshore.origin.metadata.GroupCommitWriter.Durability.POWER_LOSS;

import dev.longshore.oci.Digest;
import dev.longshore.origin.store.StorageKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * The metadata in one SQLite file in WAL mode: one group-committing writer, pooled readers.
 *
 * <p>{@code synchronous=FULL} syncs the log at every commit that an answer to a client depends on;
 * the group commit shares that sync among concurrent pushes. Rows whose loss costs nothing (a
 * started upload, a piece map) are committed with {@code NORMAL}: they outlive kill -9, and a loss
 * of power only together with everything after them.
 */
public final class SqliteMetadata implements Metadata {
  private static final int READERS = 4;

  private final Clock clock;
  private final GroupCommitWriter writer;
  private final ReaderPool readers;

  private SqliteMetadata(Clock clock, GroupCommitWriter writer, ReaderPool readers) {
    this.clock = clock;
    this.writer = writer;
    this.readers = readers;
  }

  /** Opens the database, creating or migrating it. */
  public static SqliteMetadata open(Path file, Clock clock) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Jdbi jdbi = Jdbi.create("jdbc:sqlite:" + file);
    List<Handle> handles = new ArrayList<>();
    try {
      Handle first = configured(jdbi, "PRAGMA synchronous = FULL");
      handles.add(first);
      Migrations.run(first);
      for (int i = 0; i < READERS; i++) {
        handles.add(configured(jdbi, "PRAGMA query_only = ON"));
      }
      return new SqliteMetadata(
          clock,
          new GroupCommitWriter(first),
          new ReaderPool(List.copyOf(handles.subList(1, handles.size()))));
    } catch (RuntimeException e) {
      handles.forEach(Handle::close);
      throw new IOException("cannot open the metadata " + file + ": " + e.getMessage(), e);
    } catch (IOException e) {
      handles.forEach(Handle::close);
      throw e;
    }
  }

  private static Handle configured(Jdbi jdbi, String pragma) {
    Handle handle = jdbi.open();
    handle.execute("PRAGMA journal_mode = WAL");
    handle.execute("PRAGMA busy_timeout = 10000");
    handle.execute("PRAGMA foreign_keys = ON");
    handle.execute(pragma);
    return handle;
  }

  @Override
  public boolean repositoryExists(String repository) throws IOException, InterruptedException {
    return read(handle -> Repositories.id(handle, repository)).isPresent();
  }

  @Override
  public List<String> repositories(@Nullable String after, int limit)
      throws IOException, InterruptedException {
    return read(handle -> Repositories.names(handle, after, limit));
  }

  @Override
  public void startUpload(UploadRow upload) throws IOException, InterruptedException {
    boolean _ =
        write(
            CRASH,
            handle -> {
              Uploads.start(handle, upload);
              return true;
            });
  }

  @Override
  public Optional<UploadRow> upload(String repository, String id)
      throws IOException, InterruptedException {
    return read(handle -> Uploads.find(handle, repository, id));
  }

  @Override
  public boolean cancelUpload(String repository, String id)
      throws IOException, InterruptedException {
    return write(CRASH, handle -> Uploads.cancel(handle, repository, id));
  }

  @Override
  public List<UploadRow> uploadsStartedBefore(Instant time)
      throws IOException, InterruptedException {
    return read(handle -> Uploads.startedBefore(handle, time));
  }

  @Override
  public long uploadCount() throws IOException, InterruptedException {
    return read(Uploads::count);
  }

  @Override
  public Optional<BlobRow> blob(String repository, Digest digest)
      throws IOException, InterruptedException {
    return read(handle -> Blobs.inRepository(handle, repository, digest));
  }

  @Override
  public BlobRow commitUpload(UploadRow upload, Digest digest, long size)
      throws IOException, InterruptedException {
    return write(POWER_LOSS, handle -> Blobs.commit(handle, upload, digest, size, clock));
  }

  @Override
  public boolean mountBlob(String fromRepository, String toRepository, Digest digest)
      throws IOException, InterruptedException {
    return write(
        POWER_LOSS, handle -> Blobs.mount(handle, fromRepository, toRepository, digest, clock));
  }

  @Override
  public Set<Digest> deleteBlob(String repository, Digest digest)
      throws IOException, InterruptedException {
    return write(POWER_LOSS, handle -> Blobs.delete(handle, repository, digest));
  }

  @Override
  public List<StorageKey> doomed(int limit) throws IOException, InterruptedException {
    return read(handle -> Blobs.doomed(handle, limit));
  }

  @Override
  public void forgetDoomed(List<StorageKey> keys) throws IOException, InterruptedException {
    boolean _ =
        write(
            CRASH,
            handle -> {
              Blobs.forgetDoomed(handle, keys);
              return true;
            });
  }

  @Override
  public List<BlobRow> putManifest(String repository, NewManifest manifest, List<String> tags)
      throws IOException, InterruptedException, MissingReferencesException {
    try {
      return writer.write(
          POWER_LOSS, handle -> Manifests.put(handle, repository, manifest, tags, clock));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof MissingReferencesException refused) {
        throw refused;
      }
      throw DatabaseFailure.explain(e);
    }
  }

  @Override
  public Optional<ManifestRow> manifest(String repository, Digest digest)
      throws IOException, InterruptedException {
    return read(handle -> Manifests.find(handle, repository, digest));
  }

  @Override
  public Optional<List<String>> deleteManifest(String repository, Digest digest)
      throws IOException, InterruptedException {
    return write(POWER_LOSS, handle -> Manifests.delete(handle, repository, digest));
  }

  @Override
  public Optional<Digest> tag(String repository, String tag)
      throws IOException, InterruptedException {
    return read(handle -> Manifests.tag(handle, repository, tag));
  }

  @Override
  public boolean deleteTag(String repository, String tag) throws IOException, InterruptedException {
    return write(POWER_LOSS, handle -> Manifests.deleteTag(handle, repository, tag));
  }

  @Override
  public List<String> tags(String repository, @Nullable String after, int limit)
      throws IOException, InterruptedException {
    return read(handle -> Manifests.tags(handle, repository, after, limit));
  }

  @Override
  public List<ReferrerRow> referrers(
      String repository,
      Digest subject,
      @Nullable String artifactType,
      @Nullable Digest after,
      int limit)
      throws IOException, InterruptedException {
    return read(
        handle -> Manifests.referrers(handle, repository, subject, artifactType, after, limit));
  }

  @Override
  public Optional<byte[]> pieceMap(Digest digest) throws IOException, InterruptedException {
    return read(handle -> Blobs.pieceMap(handle, digest));
  }

  @Override
  public boolean putPieceMap(Digest digest, byte[] encoded)
      throws IOException, InterruptedException {
    return write(CRASH, handle -> Blobs.putPieceMap(handle, digest, encoded));
  }

  @Override
  public List<BlobRow> blobsWithoutPieceMap(int limit) throws IOException, InterruptedException {
    return read(handle -> Blobs.withoutPieceMap(handle, limit));
  }

  @Override
  public Optional<LayerIndexRow> layerIndex(Digest layer) throws IOException, InterruptedException {
    return read(handle -> LayerIndexes.find(handle, layer));
  }

  @Override
  public List<BlobRow> layersWithoutIndex(int limit) throws IOException, InterruptedException {
    return read(handle -> LayerIndexes.wanted(handle, limit));
  }

  @Override
  public Optional<BlobRow> commitLayerIndex(Digest layer, UploadRow upload, Digest index, long size)
      throws IOException, InterruptedException {
    return write(CRASH, handle -> LayerIndexes.commit(handle, layer, upload, index, size, clock));
  }

  @Override
  public boolean putImpossibleIndex(Digest layer, String reason)
      throws IOException, InterruptedException {
    return write(CRASH, handle -> LayerIndexes.putImpossible(handle, layer, reason));
  }

  @Override
  public Optional<String> password(String user) throws IOException, InterruptedException {
    return read(handle -> Users.password(handle, user));
  }

  @Override
  public boolean addUser(String user, String password) throws IOException, InterruptedException {
    return write(POWER_LOSS, handle -> Users.add(handle, user, password, clock));
  }

  @Override
  public void close() {
    readers.close();
    writer.close();
  }

  private <T> T read(Function<Handle, T> query) throws IOException, InterruptedException {
    try {
      return readers.read(query);
    } catch (ExecutionException e) {
      throw DatabaseFailure.explain(e);
    }
  }

  private <T> T write(GroupCommitWriter.Durability durability, GroupCommitWriter.Work<T> work)
      throws IOException, InterruptedException {
    try {
      return writer.write(durability, work);
    } catch (ExecutionException e) {
      throw DatabaseFailure.explain(e);
    }
  }
}
