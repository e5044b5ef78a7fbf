package dev.longshore.swarm.store;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Decides whether a blob may be begun, and evicts others for it: those that nobody has open, here
 * or in another process, in {@link EvictionOrder}. Thread-safe.
 *
 * <p>A blob that is open counts whole, since its download may need that; any other counts what it
 * holds. A blob for which there would be no room even then is refused before anything is evicted
 * for it: giving up what is here would not help it.
 */
final class Quota {

  /** What can be learnt of blobs that nobody in this process has open, and done to them. */
  interface Evictor {
    /** Those of these blobs that another process has open. */
    Set<Digest> pinned(Collection<Digest> candidates) throws IOException;

    /** Whether another process used the blob since it was last looked at. */
    boolean usedMeanwhile(KnownBlob blob) throws IOException;

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
  private final StoreTally tally;
  private final EvictionOrder order;
  private final Evictor evictor;
  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by the lock: bytes of blobs that were admitted and are not among the blobs yet. */
  private long reserved;

  Quota(
      StoreConfig config,
      FreeSpace disk,
      Collection<KnownBlob> blobs,
      StoreTally tally,
      EvictionOrder order,
      Evictor evictor) {
    this.config = config;
    this.disk = disk;
    this.blobs = blobs;
    this.tally = tally;
    this.order = order;
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
      boolean aboveMark = aboveHighWatermark(missing);
      if (aboveMark || (missing > 0 && disk.bytes() < saturatedSum(promised(), missing))) {
        List<KnownBlob> evictable = evictable(Set.of(digest));
        checkQuota(digest, missing, evictable);
        checkDisk(digest, missing, evictable);
        if (aboveMark) {
          evictDownTo((long) (config.quota() * config.lowWatermark()), missing, evictable);
          // A blob that could not be evicted was opened meanwhile.
          checkQuota(digest, missing, evictable(Set.of(digest)));
        }
      }
      reserved = saturatedSum(reserved, missing);
    } finally {
      lock.unlock();
    }
  }

  private boolean aboveHighWatermark(long missing) {
    return config.quota() != Long.MAX_VALUE
        && saturatedSum(used(), missing) > config.quota() * config.highWatermark();
  }

  private void checkQuota(Digest digest, long missing, List<KnownBlob> evictable)
      throws StoreFullException {
    long inUse = used() - heldBytes(evictable);
    if (config.quota() != Long.MAX_VALUE && saturatedSum(inUse, missing) > config.quota()) {
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

  private void checkDisk(Digest digest, long missing, List<KnownBlob> evictable)
      throws IOException {
    if (missing == 0) {
      return;
    }
    long free = disk.bytes();
    long promised = promised();
    long held = heldBytes(evictable);
    if (saturatedSum(promised, missing) > saturatedSum(free, held)) {
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
              + held
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
      PriorityQueue<EvictionOrder.Candidate> queue = order.of(evictable(Set.of()));
      long freed = 0;
      while (freed < wanted && !queue.isEmpty()) {
        freed += evictNext(queue);
      }
      return freed > 0;
    } finally {
      lock.unlock();
    }
  }

  /** As {@link PieceStore#nextToGo}. */
  List<Digest> nextToGo(int most) {
    lock.lock();
    try {
      if (config.quota() == Long.MAX_VALUE || used() < config.quota() * config.lowWatermark()) {
        return List.of();
      }
      PriorityQueue<EvictionOrder.Candidate> queue =
          order.of(blobs.stream().filter(blob -> !blob.isOpen() && !blob.isDoomed()).toList());
      List<Digest> next = new ArrayList<>();
      while (next.size() < most && !queue.isEmpty()) {
        next.add(queue.remove().blob().digest());
      }
      return next;
    } finally {
      lock.unlock();
    }
  }

  private void evictDownTo(long target, long size, List<KnownBlob> evictable) throws IOException {
    PriorityQueue<EvictionOrder.Candidate> queue = order.of(evictable);
    while (saturatedSum(used(), size) > target && !queue.isEmpty()) {
      evictNext(queue);
    }
  }

  /** Returns how many bytes that gave. */
  private long evictNext(PriorityQueue<EvictionOrder.Candidate> queue) throws IOException {
    KnownBlob blob = queue.remove().blob();
    if (evictor.usedMeanwhile(blob)) {
      queue.add(order.candidate(blob));
      return 0;
    }
    long bytes = blob.heldBytes();
    return evictor.evict(blob) ? bytes : 0;
  }

  /** Blobs that nobody has open; not those that are wanted. */
  private List<KnownBlob> evictable(Set<Digest> wanted) throws IOException {
    List<KnownBlob> idle =
        blobs.stream()
            .filter(blob -> !blob.isOpen() && !blob.isDoomed() && !wanted.contains(blob.digest()))
            .toList();
    Set<Digest> pinned = evictor.pinned(idle.stream().map(KnownBlob::digest).toList());
    return idle.stream().filter(blob -> !pinned.contains(blob.digest())).toList();
  }

  private static long heldBytes(List<KnownBlob> blobs) {
    long held = 0;
    for (KnownBlob blob : blobs) {
      held = saturatedSum(held, blob.heldBytes());
    }
    return held;
  }

  private long used() {
    return saturatedSum(reserved, tally.taken());
  }

  /** What the blobs in use may still write. */
  private long promised() {
    return saturatedSum(reserved, tally.lacking());
  }

  private static long saturatedSum(long a, long b) {
    long sum = a + b;
    // A summand may be below zero: pieces of idle blobs are proven while they are counted.
    return ((a ^ sum) & (b ^ sum)) < 0 ? Long.MAX_VALUE : sum;
  }
}
