package dev.longshore.swarm.store;

import dev.longshore.oci.Digest;
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
 * holds. A blob for which there would be no room even then is refused before anything is evicted
 * for it: giving up what is here would not help it.
 */
final class Quota {

  /** Deletes a blob that nobody has open. */
  @FunctionalInterface
  interface Evictor {
    /** Returns whether it was deleted; not when somebody opened it meanwhile. */
    boolean evict(KnownBlob blob) throws IOException;
  }

  /** Says how much of the disk is free. */
  @FunctionalInterface
  interface FreeSpace {
    long bytes() throws IOException;
  }

  private final StoreConfig config;
  private final FreeSpace disk;
  private final Collection<KnownBlob> blobs;
  private final Evictor evictor;
  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by the lock: bytes of blobs that were admitted and are not among the blobs yet. */
  private long reserved;

  Quota(StoreConfig config, FreeSpace disk, Collection<KnownBlob> blobs, Evictor evictor) {
    this.config = config;
    this.disk = disk;
    this.blobs = blobs;
    this.evictor = evictor;
  }

  /**
   * Reserves room for a blob of which so many bytes are missing, evicting if need be; the caller
   * gives the reservation back by {@link #admitted} once the blob is open, or has failed to.
   *
   * @throws StoreFullException if quota or disk have no room for it beside the blobs that are open
   */
  void admit(Digest digest, long missing) throws IOException {
    lock.lock();
    try {
      checkQuota(digest, missing);
      checkDisk(digest, missing);
      if (limited() && saturatedSum(used(), missing) > config.quota() * config.highWatermark()) {
        evictDownTo((long) (config.quota() * config.lowWatermark()), missing);
        checkQuota(digest, missing); // a blob that could not be evicted was opened meanwhile
      }
      reserved = saturatedSum(reserved, missing);
    } finally {
      lock.unlock();
    }
  }

  private void checkQuota(Digest digest, long missing) throws StoreFullException {
    long inUse = reserved;
    for (KnownBlob blob : blobs) {
      if (blob.isOpen()) {
        inUse = saturatedSum(inUse, blob.layout().size());
      } else if (blob.digest().equals(digest)) {
        inUse = saturatedSum(inUse, blob.heldBytes());
      }
    }
    if (limited() && saturatedSum(inUse, missing) > config.quota()) {
      throw new StoreFullException(
          "cannot open blob "
              + digest
              + ": it needs "
              + missing
              + " more bytes, the blobs in use take "
              + inUse
              + ", and the quota is "
              + config.quota()
              + "; wait until some are no longer in use, or raise the quota");
    }
  }

  private void checkDisk(Digest digest, long missing) throws IOException {
    if (missing == 0) {
      return;
    }
    long free = disk.bytes();
    long evictable = 0;
    long promised = reserved;
    for (KnownBlob blob : blobs) {
      if (blob.isOpen()) {
        promised = saturatedSum(promised, blob.layout().size() - blob.heldBytes());
      } else if (!blob.digest().equals(digest)) {
        evictable = saturatedSum(evictable, blob.heldBytes());
      }
    }
    if (saturatedSum(promised, missing) > saturatedSum(free, evictable)) {
      throw new StoreFullException(
          "cannot open blob "
              + digest
              + ": it needs "
              + missing
              + " more bytes, the blobs in use "
              + promised
              + ", and the disk of "
              + config.root()
              + " is full: "
              + free
              + " bytes are free and "
              + evictable
              + " could be evicted; free some space or give the store a larger disk");
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
