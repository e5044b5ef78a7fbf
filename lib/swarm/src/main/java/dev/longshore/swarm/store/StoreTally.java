package dev.longshore.swarm.store;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What the blobs of a store take together, so that nobody has to look at all of them. Thread-safe.
 */
final class StoreTally {
  /*
   * Two sums over all blobs:
   *
   *   held    bytes of the pieces that are here
   *   taken   bytes of the whole blob while somebody has it open, and of its pieces held otherwise
   *
   * A piece that is written to an open blob changes the first alone, a blob that is opened or given
   * back the second alone, by what it lacks, and in one step: whoever looks sees it open or not, and
   * nothing between. Neither can overflow: a blob has an index entry for each 2 GiB at most, and an
   * index has room for fewer than 2^31.
   */
  private final AtomicLong held = new AtomicLong();
  private final AtomicLong taken = new AtomicLong();

  /** Pieces came to an open blob, or were given up. */
  void heldInOpen(long bytes) {
    held.addAndGet(bytes);
  }

  /** Pieces came to a blob that nobody has open, or went. */
  void heldInIdle(long bytes) {
    taken.addAndGet(bytes);
    held.addAndGet(bytes);
  }

  /** The first claim on a blob that lacks so many bytes. */
  void opened(long lacking) {
    taken.addAndGet(lacking);
  }

  /** The last claim was given back. */
  void closed(long lacking) {
    taken.addAndGet(-lacking);
  }

  /** Bytes of the pieces held. */
  long held() {
    return held.get();
  }

  /** The same, but an open blob counts whole. */
  long taken() {
    return taken.get();
  }

  /** What the open blobs may still write. */
  long lacking() {
    long whole = taken.get(); // before the other: of pieces that come meanwhile none counts twice
    return Math.max(0, whole - held.get());
  }
}
