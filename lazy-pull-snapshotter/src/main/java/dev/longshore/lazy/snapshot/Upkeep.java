package dev.longshore.lazy.snapshot;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What nobody waits for: freeing disk space, releasing layers, and mounting what failed before. */
final class Upkeep implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);
  private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
  private static final Duration LAST_RETRY = Duration.ofMinutes(1);

  private final SnapshotTable table;
  private final SnapshotFolders folders;
  private final MountedLayers layers;
  private final ReentrantLock sweeping = new ReentrantLock();
  private final ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor();
  private final Thread retrier = Thread.ofVirtual().unstarted(this::retryRestores);

  Upkeep(SnapshotTable table, SnapshotFolders folders, MountedLayers layers) {
    this.table = table;
    this.folders = folders;
    this.layers = layers;
  }

  void start() {
    sweepLater();
    retrier.start();
  }

  /** Deletes the folders of snapshots that are gone, and returns when that is done. */
  void sweep() throws IOException {
    sweeping.lock();
    try {
      folders.sweep(table::isLive);
    } finally {
      sweeping.unlock();
    }
  }

  void sweepLater() {
    later(() -> {
      try {
        sweep();
      } catch (IOException e) {
        LOG.warn("not all disk space of removed snapshots could be freed: {}", e.toString());
      }
    });
  }

  /** A snapshot of this layer is gone; if it was the last, the layer is released. */
  void releaseLater(Digest layer) {
    later(() -> {
      try {
        layers.unuse(layer);
      } catch (SnapshotException | IOException e) {
        LOG.error("releasing layer {} failed; the next start does it", layer, e);
      }
    });
  }

  private void later(Runnable task) {
    try {
      tasks.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("closed meanwhile: the next start does it", e);
    }
  }

  private void retryRestores() {
    Duration pause = FIRST_RETRY;
    try {
      while (!layers.failures().isEmpty()) {
        Thread.sleep(pause);
        layers.retry();
        Duration longer = pause.multipliedBy(2);
        pause = longer.compareTo(LAST_RETRY) < 0 ? longer : LAST_RETRY;
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  /** Lets what is being freed and released be finished. */
  @Override
  public void close() {
    retrier.interrupt();
    tasks.shutdown();
    try {
      if (!tasks.awaitTermination(10, TimeUnit.SECONDS)) {
        LOG.warn("work in the background has not ended within 10 s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
