package dev.longshore.origin.registry;

import dev.longshore.oci.Digest;
import dev.longshore.origin.metadata.BlobRow;
import dev.longshore.origin.metadata.LayerIndexRow;
import dev.longshore.origin.metadata.Metadata;
import dev.longshore.origin.metadata.UploadRow;
import dev.longshore.origin.store.BlobStore;
import dev.longshore.origin.store.BlobWriter;
import dev.longshore.origin.store.StorageKey;
import dev.longshore.piece.ClusterKey;
import dev.longshore.piece.IndexStatement;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The index of every layer that has one, and signed statements which blob that is.
 *
 * <p>As with a {@linkplain PieceMaps piece map}, it is made once, by reading the layer after its
 * manifest was put, on threads of its own, and whoever asks before that waits for the same work. An
 * index is a blob like any other, with a digest and a piece map, and whoever may pull the layer may
 * pull it. That a layer can have none is remembered, so that it is tried once.
 *
 * <p>Its bytes are written as an upload of no repository: what a crash leaves of them expires like
 * any upload.
 */
public final class LayerIndexes implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LayerIndexes.class);

  /** As in {@link PieceMaps}: a second thread lets a waiting client pass a long backlog. */
  private static final int BUILDERS = 2;

  /** Beyond it an index is made when it is first asked for, or after the next start. */
  private static final int LONGEST_BACKLOG = 100_000;

  private static final long CACHED_BYTES = 16L << 20;

  /** No client can start an upload here, or find one: it is no name of a repository. */
  private static final String NO_REPOSITORY = "";

  private final Metadata metadata;
  private final BlobStore store;
  private final PieceMaps pieceMaps;
  private final ClusterKey key;
  private final Clock clock;
  private final LayerIndexing indexing;
  private final ExecutorService builders =
      Executors.newFixedThreadPool(
          BUILDERS, Thread.ofPlatform().daemon().name("origin-layer-indexer-", 0).factory());
  private final BlockingQueue<BlobRow> backlog = new LinkedBlockingQueue<>(LONGEST_BACKLOG);
  private final Thread worker;
  private final ReadThrough<BlobRow, Finding> findings;
  private final LongAdder built = new LongAdder();
  private final LongAdder impossible = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder busyNanos = new LongAdder();
  private volatile boolean closed;

  LayerIndexes(
      Metadata metadata, BlobStore store, PieceMaps pieceMaps, ClusterKey key, Clock clock) {
    this.metadata = metadata;
    this.store = store;
    this.pieceMaps = pieceMaps;
    this.key = key;
    this.clock = clock;
    this.indexing = new LayerIndexing(store, () -> closed);
    this.findings =
        new ReadThrough<>(CACHED_BYTES, (layer, found) -> found.weight(), this::loadOrMake);
    this.worker = Thread.ofVirtual().name("origin-layer-indexes").start(this::work);
  }

  /** What came of looking for the index of a layer. */
  public sealed interface Finding {

    /** A signed statement which blob it is, in its binary form; not to be changed. */
    // Only carried: nobody compares or prints it.
    @SuppressWarnings("ArrayRecordComponent")
    record Stated(byte[] statement) implements Finding {
      @Override
      public int weight() {
        return statement.length + 256;
      }
    }

    /** The layer can have none. */
    record None(String reason) implements Finding {
      @Override
      public int weight() {
        return reason.length() + 256;
      }
    }

    /** Bytes of memory it takes, about. */
    int weight();
  }

  /** What is known in memory. Never blocks. */
  public @Nullable Finding cached(BlobRow layer) {
    return findings.ifPresent(layer);
  }

  /**
   * What is known, found out first when it is not: that may take as long as reading the layer.
   *
   * @return empty when the layer was deleted meanwhile
   * @throws TimeoutException if it takes longer than {@code patience}; it goes on meanwhile
   */
  public Optional<Finding> get(BlobRow layer, Duration patience)
      throws IOException, InterruptedException, TimeoutException {
    return findings.get(layer, patience);
  }

  /** Lets these layers have their index soon. */
  void prepare(List<BlobRow> layers) {
    for (BlobRow layer : layers) {
      if (!backlog.offer(layer)) {
        log.debug("the index of {} is made when somebody wants it", layer.digest());
      }
    }
  }

  /** Takes up what was left when the process ended. */
  void resume() throws IOException, InterruptedException {
    prepare(metadata.layersWithoutIndex(LONGEST_BACKLOG));
  }

  /** Layers that wait for their index. */
  public int backlog() {
    return backlog.size();
  }

  /** Indexes that were made. */
  public long built() {
    return built.sum();
  }

  /** Layers that were found to have none. */
  public long impossible() {
    return impossible.sum();
  }

  /** Attempts that failed and are made again when somebody asks, or at the next start. */
  public long failed() {
    return failed.sum();
  }

  /** Time that threads spent on reading layers and writing indexes, nanoseconds. */
  public long busyNanos() {
    return busyNanos.sum();
  }

  /** Stops; what is not made yet is taken up at the next start. */
  @Override
  public void close() {
    closed = true;
    worker.interrupt();
    builders.shutdownNow();
  }

  private void work() {
    while (!closed) {
      BlobRow next = null;
      try {
        next = backlog.take();
        boolean there = findings.get(next).isPresent();
        log.debug("index of {}: {}", next.digest(), there ? "decided" : "no longer wanted");
      } catch (InterruptedException e) {
        log.debug("layer indexes end");
      } catch (IOException | RuntimeException e) {
        log.warn("cannot make the index of {}; it is tried again when asked for", next, e);
      }
    }
  }

  private Optional<Finding> loadOrMake(BlobRow layer) throws IOException, InterruptedException {
    Optional<LayerIndexRow> known = metadata.layerIndex(layer.digest());
    if (known.isEmpty()) {
      known = make(layer);
    }
    return known.map(row ->
        switch (row) {
          case LayerIndexRow.Made(BlobRow index) ->
              new Finding.Stated(
                  key.sign(new IndexStatement(layer.digest(), index.digest(), index.size()))
                      .encode());
          case LayerIndexRow.Impossible(String reason) -> new Finding.None(reason);
        });
  }

  private Optional<LayerIndexRow> make(BlobRow layer) throws IOException, InterruptedException {
    try {
      return builders.submit(() -> timed(layer)).get();
    } catch (RejectedExecutionException e) {
      log.debug("the origin is stopping", e);
      return Optional.empty();
    } catch (ExecutionException e) {
      if (closed) {
        log.debug("the origin stopped first; the next start makes the index again", e);
        return Optional.empty();
      }
      failed.increment();
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IOException("cannot make the index of " + layer.digest(), e.getCause());
    }
  }

  private Optional<LayerIndexRow> timed(BlobRow layer) throws IOException, InterruptedException {
    long start = System.nanoTime();
    try {
      return decide(layer);
    } finally {
      busyNanos.add(System.nanoTime() - start);
    }
  }

  private Optional<LayerIndexRow> decide(BlobRow layer) throws IOException, InterruptedException {
    try {
      Optional<LayerIndexRow> made =
          keep(layer, indexing.index(layer)).map(LayerIndexRow.Made::new);
      made.ifPresent(row -> built.increment());
      return made;
    } catch (NoIndexException e) {
      String reason = String.valueOf(e.getMessage());
      log.info("{} has no index and is never lazy: {}", layer.digest(), reason);
      impossible.increment();
      return metadata.putImpossibleIndex(layer.digest(), reason)
          ? Optional.of(new LayerIndexRow.Impossible(reason))
          : Optional.empty();
    } catch (NoSuchFileException e) {
      log.debug("{} was deleted before its index was made", layer.digest());
      return Optional.empty();
    }
  }

  private Optional<BlobRow> keep(BlobRow layer, byte[] index)
      throws IOException, InterruptedException {
    UploadRow upload =
        new UploadRow(
            UUID.randomUUID().toString(), NO_REPOSITORY, StorageKey.random(), clock.instant());
    metadata.startUpload(upload);
    try (BlobWriter out = store.append(upload.key())) {
      out.write(ByteBuffer.wrap(index));
      out.force();
    } catch (IOException e) {
      giveUp(upload, e);
      throw e;
    }
    Optional<BlobRow> row =
        metadata.commitLayerIndex(layer.digest(), upload, Digest.sha256(index), index.length);
    row.ifPresent(pieceMaps::prepare);
    return row;
  }

  private void giveUp(UploadRow upload, IOException failure) throws InterruptedException {
    try {
      metadata.cancelUpload(upload.repository(), upload.id());
    } catch (IOException e) {
      failure.addSuppressed(e); // it expires later
    }
  }
}
