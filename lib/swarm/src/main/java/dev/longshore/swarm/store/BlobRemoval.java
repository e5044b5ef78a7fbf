package dev.longshore.swarm.store;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes blobs, because somebody says so or to make room, and never one that another process has
 * open. Thread-safe.
 */
final class BlobRemoval implements Quota.Evictor {
  private static final Logger log = LoggerFactory.getLogger(BlobRemoval.class);

  private final BlobDirectory directory;
  private final BlobPins pins;
  private final Map<Digest, KnownBlob> blobs;
  private final BlobStripes stripes;
  private final UseClock uses;
  private final StoreMetrics metrics;

  BlobRemoval(
      BlobDirectory directory,
      BlobPins pins,
      Map<Digest, KnownBlob> blobs,
      BlobStripes stripes,
      UseClock uses,
      StoreMetrics metrics) {
    this.directory = directory;
    this.pins = pins;
    this.blobs = blobs;
    this.stripes = stripes;
    this.uses = uses;
    this.metrics = metrics;
  }

  /** Deletes a blob, once nobody in this process has it open any more. */
  void delete(Digest digest) throws IOException {
    ReentrantLock stripe = stripes.of(digest);
    stripe.lock();
    try {
      KnownBlob blob = blobs.get(digest);
      if (blob == null) {
        return;
      }
      try (BlobPins.Hold hold = hold(blob)) {
        log.trace("Holding {}", hold);
        if (blob.doom()) {
          deleteDoomed(blob);
        }
      }
    } finally {
      stripe.unlock();
    }
  }

  private BlobPins.Hold hold(KnownBlob blob) throws IOException {
    return pins.hold(blob.digest())
        .orElseThrow(() ->
            new IOException(
                "cannot delete blob " + blob.digest() + ": another process has it open"));
  }

  /** Deletes a blob unless somebody has it open. The caller holds the blob's stripe. */
  boolean deleteIfIdle(KnownBlob blob) throws IOException {
    Optional<BlobPins.Hold> hold = pins.hold(blob.digest());
    if (hold.isEmpty()) {
      return false;
    }
    try (BlobPins.Hold held = hold.get()) {
      log.trace("Holding {}", held);
      if (!blob.doomIfIdle()) {
        return false;
      }
      deleteDoomed(blob);
      return true;
    }
  }

  /** The caller has doomed the blob, and nobody has it open. */
  void deleteDoomed(KnownBlob blob) throws IOException {
    try {
      directory.delete(blob.digest());
    } finally {
      blob.forget();
      blobs.remove(blob.digest(), blob);
    }
  }

  @Override
  public Set<Digest> pinned(Collection<Digest> candidates) throws IOException {
    return pins.pinned(candidates);
  }

  @Override
  public boolean usedMeanwhile(KnownBlob blob) throws IOException {
    try {
      // A process whose clock is ahead must not make its blobs the last to go for years.
      return blob.usedAt(Math.min(directory.lastUse(blob.digest()), uses.now()));
    } catch (NoSuchFileException e) {
      log.debug("Blob {} was deleted meanwhile", blob.digest(), e);
      return false;
    }
  }

  @Override
  public boolean evict(KnownBlob blob) throws IOException {
    ReentrantLock stripe = stripes.of(blob.digest());
    stripe.lock();
    try {
      long held = blob.heldBytes();
      if (!deleteIfIdle(blob)) {
        return false;
      }
      log.info("Evicted blob {}, {} bytes", blob.digest(), held);
      metrics.evicted.increment((double) held);
      return true;
    } finally {
      stripe.unlock();
    }
  }
}
