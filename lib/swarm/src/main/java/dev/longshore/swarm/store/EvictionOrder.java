package dev.longshore.swarm.store;

import dev.longshore.oci.Digest;
import java.util.Collection;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;

/** Which blob to give up first. */
final class EvictionOrder {
  /*
   * The least recently used one, but a blob that n other members hold counts as idle 1 + log2(1 + n)
   * times as long as it is: had again from a neighbour, it costs a moment; had again from the
   * source, it costs the one link that the whole cluster shares. So among blobs of about the same
   * age the common ones go first, and the last copy in the cluster outlives a blob that 1,000
   * others hold by a factor of eleven, but not for ever: a copy that nobody asks for goes in the
   * end.
   *
   * The number of holders is a hint that may be old or missing (0), which is why it only stretches
   * the age.
   */
  private final LongSupplier clock;
  private final ToIntFunction<Digest> otherHolders;

  /**
   * An order.
   *
   * @param clock milliseconds since the epoch, never before a use that was noted
   */
  EvictionOrder(LongSupplier clock, ToIntFunction<Digest> otherHolders) {
    this.clock = clock;
    this.otherHolders = otherHolders;
  }

  /** A blob and how long it counts as idle. */
  record Candidate(KnownBlob blob, double idle) {}

  /** The candidates, to be taken from the head. */
  PriorityQueue<Candidate> of(Collection<KnownBlob> blobs) {
    PriorityQueue<Candidate> queue =
        new PriorityQueue<>(Comparator.comparingDouble(Candidate::idle).reversed());
    for (KnownBlob blob : blobs) {
      queue.add(candidate(blob));
    }
    return queue;
  }

  Candidate candidate(KnownBlob blob) {
    long idle = Math.max(1, clock.getAsLong() - blob.lastUse());
    int holders = Math.max(0, otherHolders.applyAsInt(blob.digest()));
    return new Candidate(blob, idle * (1 + Math.log(1.0 + holders) / Math.log(2)));
  }
}
