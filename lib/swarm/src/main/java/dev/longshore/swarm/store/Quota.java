package dev.longshore.swarm.store;

import java.io.IOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Decides whether a blob may be begun, and evicts others for it: those that nobody has open, the
 * one used least recently first. Thread-safe.
 *
 * <p>A blob that is open counts whole, since its download may need that; any other counts what it
 * holds.
 */
final class Quota {

  /** Deletes a blob that nobody has open. */
  @FunctionalInterface
  interface Evictor {
    /** Returns whether it was deleted; not when somebody opened it meanwhile. */
    boolean evict(KnownBlob blob) throws IOException;
  }

  private final StoreConfig config;
  private final Collection<KnownBlob> blobs;
  private final Evictor evictor;
  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by the lock: bytes of blobs that were admitted and are not among the blobs yet. */
  private long reserved;

  Quota(StoreConfig config, Collection<KnownBlob> blobs, Evictor evictor) {
    this.config = config;
    this.blobs = blobs;
    this.evictor = evictor;
  }

  /**
   * Reserves room for a blob of this size, evicting if need be; the caller gives the reservation
   * back by {@link #admitted} once the blob is open, or has failed to.
   *
   * @throws StoreFullException if the quota has no room for it beside the blobs that are open
   */
  void admit(String what, long size) throws IOException {
    lock.lock();
    try {
      if (limited() && saturatedSum(used(), size) > config.quota() * config.highWatermark()) {
        evictDownTo((long) (config.quota() * config.lowWatermark()), size);
      }
      long used = used();
      if (limited() && saturatedSum(used, size) > config.quota()) {
        throw new StoreFullException(
            "cannot open "
                + what
                + ": it has "
                + size
                + " bytes, the blobs in use take "
                + used
                + ", and the quota is "
                + config.quota()
                + "; wait until some are no longer in use, or raise the quota");
      }
      reserved = saturatedSum(reserved, size);
    } finally {
      lock.unlock();
    }
  }

  /** Gives a reservation back. */
  void admitted(long size) {
    lock.lock();
    try {
      reserved -= size;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Evicts at least this many bytes.
   *
   * @return whether anything was evicted
   */
  boolean makeRoom(long wanted) throws IOException {
    lock.lock();
    try {
      long freed = 0;
      boolean any = false;
      while (freed < wanted) {
        Optional<KnownBlob> victim = victim();
        if (victim.isEmpty()) {
          break;
        }
        long bytes = victim.get().heldBytes();
        if (evictor.evict(victim.get())) {
          freed += bytes;
          any = true;
        }
      }
      return any;
    } finally {
      lock.unlock();
    }
  }

  private void evictDownTo(long target, long size) throws IOException {
    while (saturatedSum(used(), size) > target) {
      Optional<KnownBlob> victim = victim();
      if (victim.isEmpty()) {
        return;
      }
      evictor.evict(victim.get());
    }
  }

  private long used() {
    long used = reserved;
    for (KnownBlob blob : blobs) {
      used = saturatedSum(used, blob.isOpen() ? blob.layout().size() : blob.heldBytes());
    }
    return used;
  }

  private Optional<KnownBlob> victim() {
    return blobs.stream()
        .filter(blob -> !blob.isOpen() && !blob.isDoomed())
        .min(Comparator.comparingLong(KnownBlob::lastUse));
  }

  private boolean limited() {
    return config.quota() != Long.MAX_VALUE;
  }

  private static long saturatedSum(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }
}
