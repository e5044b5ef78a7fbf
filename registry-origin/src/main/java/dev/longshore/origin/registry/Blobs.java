package dev.longshore.origin.registry;

import dev.longshore.oci.Digest;
import dev.longshore.origin.metadata.BlobRow;
import dev.longshore.origin.metadata.Metadata;
import dev.longshore.origin.store.BlobReader;
import dev.longshore.origin.store.BlobStore;
import dev.longshore.origin.store.StorageKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Blobs as repositories have them. The caches may be asked on an event loop. */
public final class Blobs {

  /** Blobs up to this size, configs mostly, are answered from memory. */
  public static final int SMALL = 64 << 10;

  private static final long CACHED_ROWS = 200_000;
  private static final int DOOMED_AT_ONCE = 256;

  private final Metadata metadata;
  private final BlobStore store;
  private final PieceMaps pieceMaps;
  private final ReentrantLock doomedLock = new ReentrantLock();
  private final ReadThrough<InRepository<Digest>, BlobRow> rows;
  private final ReadThrough<BlobRow, byte[]> small;

  Blobs(Metadata metadata, BlobStore store, PieceMaps pieceMaps, long smallBytes) {
    this.metadata = metadata;
    this.store = store;
    this.pieceMaps = pieceMaps;
    this.rows =
        new ReadThrough<>(
            CACHED_ROWS, (key, row) -> 1, key -> metadata.blob(key.repository(), key.name()));
    this.small =
        new ReadThrough<>(smallBytes, (row, content) -> content.length + 256, this::readAll);
  }

  /** The blob, if it is known in memory to be in the repository. Never blocks. */
  public @Nullable BlobRow cached(String repository, Digest digest) {
    return rows.ifPresent(new InRepository<>(repository, digest));
  }

  /** The content of a {@link #SMALL} blob, if it is in memory; not to be changed. Never blocks. */
  public byte @Nullable [] cachedContent(BlobRow blob) {
    return small.ifPresent(blob);
  }

  /** The blob, if the repository has it. */
  public Optional<BlobRow> find(String repository, Digest digest)
      throws IOException, InterruptedException {
    return rows.get(new InRepository<>(repository, digest));
  }

  /** The content of a {@link #SMALL} blob, not to be changed; empty when it was deleted. */
  public Optional<byte[]> content(BlobRow blob) throws IOException, InterruptedException {
    return small.get(blob);
  }

  /**
   * Opens a blob that was found in a repository.
   *
   * @return empty when it was deleted meanwhile
   */
  public Optional<BlobReader> open(String repository, BlobRow blob) throws IOException {
    try {
      return Optional.of(store.open(blob.key()));
    } catch (NoSuchFileException e) {
      rows.invalidate(new InRepository<>(repository, blob.digest()));
      return Optional.empty();
    }
  }

  /** Gives a repository a blob of another one. False when that one has it not. */
  public boolean mount(String from, String to, Digest digest)
      throws IOException, InterruptedException {
    return metadata.mountBlob(from, to, digest);
  }

  /** Takes a blob out of a repository. False when it is not there. */
  public boolean delete(String repository, Digest digest) throws IOException, InterruptedException {
    Set<Digest> gone = metadata.deleteBlob(repository, digest);
    gone.forEach(name -> rows.invalidate(new InRepository<>(repository, name)));
    if (gone.isEmpty()) {
      rows.invalidate(new InRepository<>(repository, digest));
      return false;
    }
    deleteDoomed();
    return true;
  }

  /** An upload became this blob. */
  void committed(String repository, BlobRow blob) throws IOException, InterruptedException {
    rows.invalidate(new InRepository<>(repository, blob.digest()));
    pieceMaps.prepare(blob);
  }

  /** Deletes the objects that nothing points at any more. */
  void deleteDoomed() throws IOException, InterruptedException {
    doomedLock.lock();
    try {
      List<StorageKey> doomed = metadata.doomed(DOOMED_AT_ONCE);
      while (!doomed.isEmpty()) {
        for (StorageKey key : doomed) {
          store.delete(key);
        }
        metadata.forgetDoomed(doomed);
        doomed = metadata.doomed(DOOMED_AT_ONCE);
      }
    } finally {
      doomedLock.unlock();
    }
  }

  double hitRatio() {
    return rows.stats().hitRate();
  }

  private Optional<byte[]> readAll(BlobRow blob) throws IOException {
    try (BlobReader in = store.open(blob.key())) {
      ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(in.length()));
      in.read(0, content);
      return Optional.of(content.array());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }
}
