package dev.longshore.origin.registry;

import dev.longshore.origin.metadata.Metadata;
import dev.longshore.origin.store.BlobStore;
import dev.longshore.piece.ClusterKey;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One registry over a store and its metadata, with the work that it does for itself. */
public final class Registry implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Registry.class);
  private static final Duration SWEEP = Duration.ofMinutes(1);
  private static final Duration EXPIRE = Duration.ofDays(1);

  private final Clock clock;
  private final Duration uploadExpiry;
  private final Blobs blobs;
  private final Manifests manifests;
  private final Uploads uploads;
  private final PieceMaps pieceMaps;
  private final LayerIndexes layerIndexes;
  private final Thread housekeeping;

  private Registry(
      BlobStore store,
      Metadata metadata,
      ClusterKey key,
      CacheSizes cacheSizes,
      Duration uploadExpiry,
      Clock clock) {
    this.clock = clock;
    this.uploadExpiry = uploadExpiry;
    this.pieceMaps = new PieceMaps(metadata, store, key);
    this.blobs = new Blobs(metadata, store, pieceMaps, cacheSizes.smallBlobs());
    this.layerIndexes = new LayerIndexes(metadata, store, pieceMaps, key, clock);
    this.manifests = new Manifests(metadata, layerIndexes, cacheSizes.manifests());
    this.uploads = new Uploads(metadata, store, blobs, clock);
    this.housekeeping = Thread.ofVirtual().name("origin-housekeeping").unstarted(this::keepHouse);
  }

  /**
   * Bytes that the caches may hold.
   *
   * @param manifests content of manifests
   * @param smallBlobs content of blobs up to {@link Blobs#SMALL}
   */
  public record CacheSizes(long manifests, long smallBlobs) {}

  /**
   * Opens a registry; store and metadata stay the caller's.
   *
   * @param uploadExpiry after which an unfinished upload is given up
   */
  public static Registry open(
      BlobStore store,
      Metadata metadata,
      ClusterKey key,
      CacheSizes cacheSizes,
      Duration uploadExpiry,
      Clock clock) {
    Registry registry = new Registry(store, metadata, key, cacheSizes, uploadExpiry, clock);
    registry.housekeeping.start();
    return registry;
  }

  public Blobs blobs() {
    return blobs;
  }

  public Manifests manifests() {
    return manifests;
  }

  public Uploads uploads() {
    return uploads;
  }

  public PieceMaps pieceMaps() {
    return pieceMaps;
  }

  public LayerIndexes layerIndexes() {
    return layerIndexes;
  }

  /** Share of manifest look-ups that memory answered, 0 to 1. */
  public double manifestHitRatio() {
    return manifests.hitRatio();
  }

  /** Share of blob look-ups that memory answered, 0 to 1. */
  public double blobHitRatio() {
    return blobs.hitRatio();
  }

  /** Gives up uploads beyond their age and deletes what nothing points at. */
  void clean() throws IOException, InterruptedException {
    Instant now = clock.instant();
    uploads.expire(now.minus(uploadExpiry));
    blobs.deleteDoomed();
  }

  /** Ends background work and closes open uploads, which a later start takes up again. */
  @Override
  public void close() {
    housekeeping.interrupt();
    joinUninterruptibly(housekeeping);
    layerIndexes.close();
    pieceMaps.close();
    uploads.close();
  }

  /** What is closed next is in use until the thread has ended: an interrupt is kept for later. */
  private static void joinUninterruptibly(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void keepHouse() {
    try {
      attempt("take up piece maps", pieceMaps::resume);
      attempt("take up layer indexes", layerIndexes::resume);
      long untilExpiry = 0;
      while (true) {
        if (untilExpiry <= 0) {
          attempt("clean up", this::clean);
          untilExpiry = EXPIRE.toMillis();
        }
        // Replicas that start together should not clean together.
        long pause = SWEEP.toMillis() + ThreadLocalRandom.current().nextLong(1000);
        Thread.sleep(pause);
        untilExpiry -= pause;
        uploads.retireIdle();
      }
    } catch (InterruptedException e) {
      log.debug("housekeeping ends");
    }
  }

  /** Housekeeping goes on after a failure: it is tried again the next day, and logged. */
  private static void attempt(String what, Chore chore) throws InterruptedException {
    try {
      chore.run();
    } catch (IOException | RuntimeException e) {
      log.warn("the origin could not {}: {}", what, e.getMessage(), e);
    }
  }

  @FunctionalInterface
  private interface Chore {
    void run() throws IOException, InterruptedException;
  }
}
