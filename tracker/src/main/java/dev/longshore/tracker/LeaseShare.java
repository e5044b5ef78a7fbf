package dev.longshore.tracker;

import java.util.BitSet;

/** What one member reads, has read, and was refused, of one blob. */
final class LeaseShare {
  final BitSet reading = new BitSet();
  final BitSet done = new BitSet();

  /** What it was to read and did not get on with; not given back because it says it reads it. */
  final BitSet lapsed = new BitSet();

  long expiresAt;
  int lastGranted = -1;

  /*
   * Pieces that were refused because another member holds them, in three generations: what is still
   * asked for when a grace period is over moves on to the next. In the last one are those refused
   * for at least one whole period, and after two at most, without a time kept for each.
   */
  private BitSet fresh = new BitSet();
  private BitSet ripening = new BitSet();
  private BitSet ripe = new BitSet();
  private long periodEnds;
  private boolean refusedBefore;

  /** The highest piece number plus one that was ever set here. */
  private int length;

  /** Notes that pieces up to {@code to} take memory here; returns how many more than before. */
  int grow(int to) {
    int growth = Math.max(0, to - length);
    length += growth;
    return growth;
  }

  int length() {
    return length;
  }

  /** Of the pieces that others hold, those that this member has asked for in vain long enough. */
  BitSet refuse(BitSet heldByOthers, long now, long grace) {
    if (!refusedBefore) {
      refusedBefore = true;
      periodEnds = now + grace;
    } else if (now - periodEnds >= 0) {
      ripe.or(ripening);
      ripening = fresh;
      fresh = new BitSet();
      periodEnds = now + grace;
    }
    ripe.and(heldByOthers);
    ripening.and(heldByOthers);
    fresh.or(heldByOthers);
    fresh.andNot(ripening);
    fresh.andNot(ripe);
    return (BitSet) ripe.clone();
  }
}
