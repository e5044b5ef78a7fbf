package dev.longshore.origin.registry;

import dev.longshore.origin.metadata.BlobRow;
import dev.longshore.origin.metadata.Metadata;
import dev.longshore.origin.store.BlobReader;
import dev.longshore.origin.store.BlobStore;
import dev.longshore.piece.ClusterKey;
import dev.longshore.piece.MalformedPieceMapException;
import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMap;
import dev.longshore.piece.PieceMapBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The signed piece map of every blob.
 *
 * <p>A map is computed once, by reading the blob after its commit, on threads of its own; it is
 * stored unsigned and signed when it is loaded into memory. Whoever asks before that waits for the
 * same computation.
 */
public final class PieceMaps implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PieceMaps.class);
  private static final int READ_BYTES = 1 << 20;

  /** Hashing is work for a core; a second thread lets a waiting client pass a long backlog. */
  private static final int HASHERS = 2;

  /** Beyond it a map is computed when it is first asked for. */
  private static final int LONGEST_BACKLOG = 100_000;

  private static final long CACHED_BYTES = 32L << 20;

  private final Metadata metadata;
  private final BlobStore store;
  private final ClusterKey key;
  private final ExecutorService hashers =
      Executors.newFixedThreadPool(
          HASHERS, Thread.ofPlatform().daemon().name("origin-piece-hasher-", 0).factory());
  private final BlockingQueue<BlobRow> backlog = new LinkedBlockingQueue<>(LONGEST_BACKLOG);
  private final Thread worker;
  private final ReadThrough<BlobRow, byte[]> signed;
  private volatile boolean closed;

  PieceMaps(Metadata metadata, BlobStore store, ClusterKey key) {
    this.metadata = metadata;
    this.store = store;
    this.key = key;
    this.signed =
        new ReadThrough<>(CACHED_BYTES, (blob, map) -> map.length + 256, this::loadOrCompute);
    this.worker = Thread.ofVirtual().name("origin-piece-maps").start(this::work);
  }

  /** The signed map in its binary form, if it is in memory; not to be changed. Never blocks. */
  public byte @Nullable [] cached(BlobRow blob) {
    return signed.ifPresent(blob);
  }

  /**
   * The signed map in its binary form, not to be changed; waits until it is computed. Empty when
   * the blob was deleted meanwhile.
   */
  public Optional<byte[]> get(BlobRow blob) throws IOException, InterruptedException {
    return signed.get(blob);
  }

  /** Lets the map be computed soon. */
  void prepare(BlobRow blob) {
    if (!backlog.offer(blob)) {
      log.debug("the map of {} is computed when somebody wants it", blob.digest());
    }
  }

  /** Takes up what was left when the process ended. */
  void resume() throws IOException, InterruptedException {
    metadata.blobsWithoutPieceMap(LONGEST_BACKLOG).forEach(this::prepare);
  }

  /** Blobs that wait for their map. */
  public int backlog() {
    return backlog.size();
  }

  /** Stops; what is not computed yet is taken up at the next start. */
  @Override
  public void close() {
    closed = true;
    worker.interrupt();
    hashers.shutdownNow();
  }

  private void work() {
    while (!closed) {
      BlobRow next = null;
      try {
        next = backlog.take();
        boolean there = get(next).isPresent();
        log.debug("piece map of {}: {}", next.digest(), there ? "ready" : "no longer wanted");
      } catch (InterruptedException e) {
        log.debug("piece maps end");
      } catch (IOException | RuntimeException e) {
        log.warn("cannot make the piece map of {}; it is tried again when asked for", next, e);
      }
    }
  }

  private Optional<byte[]> loadOrCompute(BlobRow blob) throws IOException, InterruptedException {
    Optional<byte[]> stored = metadata.pieceMap(blob.digest());
    PieceMap map;
    if (stored.isPresent()) {
      map = decode(stored.get());
    } else {
      Optional<PieceMap> computed = compute(blob);
      if (computed.isEmpty()) {
        return Optional.empty();
      }
      map = computed.get();
      store(blob, map);
    }
    return Optional.of(key.sign(map).encode());
  }

  private void store(BlobRow blob, PieceMap map) throws IOException, InterruptedException {
    try {
      metadata.putPieceMap(blob.digest(), map.encode());
    } catch (IOException e) {
      if (!closed) {
        throw e;
      }
      log.debug("the origin stopped first; the next start computes the map again", e);
    }
  }

  private static PieceMap decode(byte[] stored) throws IOException {
    try {
      return PieceMap.decode(stored);
    } catch (MalformedPieceMapException e) {
      throw new IOException("a stored piece map cannot be read: " + e.getMessage(), e);
    }
  }

  private Optional<PieceMap> compute(BlobRow blob) throws IOException, InterruptedException {
    try {
      return hashers.submit(() -> hash(blob)).get();
    } catch (RejectedExecutionException e) {
      log.debug("the origin is stopping", e);
      return Optional.empty();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IOException("cannot compute the piece map of " + blob.digest(), e.getCause());
    }
  }

  private Optional<PieceMap> hash(BlobRow blob) throws IOException {
    PieceLayout layout = PieceLayout.forSize(blob.size());
    PieceMapBuilder builder = new PieceMapBuilder(layout);
    try (BlobReader in = store.open(blob.key())) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
      for (long at = 0; at < blob.size(); at += buffer.limit()) {
        if (closed) {
          return Optional.empty();
        }
        buffer.clear().limit((int) Math.min(READ_BYTES, blob.size() - at));
        in.read(at, buffer);
        builder.update(buffer.flip());
      }
    } catch (NoSuchFileException e) {
      log.debug("{} was deleted before its piece map was made", blob.digest());
      return Optional.empty();
    }
    return Optional.of(builder.finish(blob.digest()));
  }
}
