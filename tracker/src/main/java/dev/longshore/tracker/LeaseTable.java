package dev.longshore.tracker;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Who may read which pieces of one blob from the source. */
final class LeaseTable {

  /*
   * A piece is read by one member at a time. It is free again when that member is done with it,
   * gives it back, leaves, falls silent (see Heartbeats), or makes no progress until its lease
   * expires; any piece read renews all leases of its reader. A piece that a connected member has
   * read, or that a complete member holds, is not read again: the asker is told of the holders
   * instead. Only if it still cannot get the piece from them after a grace does it get a lease:
   * progress beats economy.
   *
   * Readers start apart from each other, so that each reads one long range: a member goes on where
   * it stopped; else it gets the longest range that is free, from its middle on if somebody is
   * reading towards it.
   */

  /**
   * An answer.
   *
   * @param pieces may be read
   * @param fresh how many of them were not granted to the same member before
   * @param inSpiteOfHolders how many of them are held by others
   * @param holders of pieces that may not be read
   */
  record Grant(BitSet pieces, int fresh, int inSpiteOfHolders, List<Membership> holders) {}

  private static final int HOLDERS_TOLD = 10;

  private final TrackerPolicy policy;
  private final Heartbeats heartbeats;
  private final Set<Membership> readers = new LinkedHashSet<>();
  private final Set<Membership> doers = new LinkedHashSet<>();
  private final BitSet reading = new BitSet(); // union over the readers, who share no piece
  private final BitSet done = new BitSet(); // union over the doers, unless stale
  private boolean doneStale;
  private long nextExpiry = Long.MAX_VALUE;
  private int expired;

  LeaseTable(TrackerPolicy policy, Heartbeats heartbeats) {
    this.policy = policy;
    this.heartbeats = heartbeats;
  }

  Grant grant(Membership asker, BitSet wanted, int max, long now) {
    LeaseShare share = share(asker);
    expire(now);
    if (share.done.intersects(wanted)) {
      share.done.andNot(wanted); // it has lost them since
      doneStale = true;
    }
    BitSet free = (BitSet) wanted.clone();
    free.andNot(reading);
    BitSet held = heldByOthers(asker, free);
    BitSet inSpite = share.refuse(held, now, policy.leaseGrace().toNanos());
    free.andNot(held);
    free.or(inSpite);
    // What it reads already may be granted to it again: the last answer may have been lost.
    BitSet own = (BitSet) wanted.clone();
    own.and(share.reading);
    int places = Math.min(max, policy.leasesPerMember() - share.reading.cardinality());
    BitSet granted = take(share, free, places);
    inSpite.and(granted);
    give(asker, share, granted, now);
    int fresh = granted.cardinality();
    granted.or(own);
    held.andNot(granted);
    return new Grant(
        granted, fresh, inSpite.cardinality(), held.isEmpty() ? List.of() : holders(asker, held));
  }

  /**
   * Pieces being read: under a grant of this table, or one from before it, or of another tracker.
   */
  void hold(Membership reader, BitSet pieces, long now) {
    expire(now);
    LeaseShare share = share(reader);
    if (pieces.isEmpty() || share.reading.intersects(pieces)) {
      heartbeats.beats(reader.member);
      hasten(reader, share);
    }
    BitSet mine = (BitSet) pieces.clone();
    mine.andNot(reading);
    mine.andNot(share.lapsed);
    give(reader, share, mine, now);
  }

  void done(Membership doer, BitSet pieces, long now) {
    LeaseShare share = share(doer);
    release(doer, pieces);
    if (doer.member.distrust.isGeneral()) {
      return;
    }
    share.done.or(pieces);
    done.or(pieces);
    doers.add(doer);
    share.expiresAt = now + policy.leaseValidity().toNanos();
  }

  void release(Membership reader, BitSet pieces) {
    LeaseShare share = share(reader);
    BitSet mine = (BitSet) pieces.clone();
    mine.and(share.reading);
    reading.andNot(mine);
    share.reading.andNot(mine);
    if (share.reading.isEmpty()) {
      readers.remove(reader);
    }
  }

  /** Forgets a member. */
  void leave(Membership member) {
    LeaseShare share = member.leases;
    if (share == null) {
      return;
    }
    reading.andNot(share.reading);
    readers.remove(member);
    doneStale |= doers.remove(member);
    member.leases = null;
  }

  /** Frees what has not got on in time. */
  void expire(long now) {
    if (readers.isEmpty() || now - nextExpiry < 0) {
      return;
    }
    long next = now + policy.leaseValidity().toNanos();
    for (Membership reader : List.copyOf(readers)) {
      LeaseShare share = share(reader);
      boolean noProgress = now - share.expiresAt >= 0;
      if (noProgress || heartbeats.isSilent(reader.member, now)) {
        if (noProgress) {
          share.lapsed.or(share.reading);
        }
        expired += share.reading.cardinality();
        reading.andNot(share.reading);
        share.reading.clear();
        readers.remove(reader);
      } else {
        next = earlier(next, dueAt(reader, share));
      }
    }
    nextExpiry = next;
  }

  /** Pieces whose lease expired since this was last asked. */
  int takeExpired() {
    int count = expired;
    expired = 0;
    return count;
  }

  boolean hasReaders() {
    return !readers.isEmpty();
  }

  int readingCount() {
    return reading.cardinality();
  }

  int doneCount() {
    return done().cardinality();
  }

  static LeaseShare share(Membership membership) {
    LeaseShare share = membership.leases;
    if (share == null) {
      share = new LeaseShare();
      membership.leases = share;
    }
    return share;
  }

  private void give(Membership reader, LeaseShare share, BitSet pieces, long now) {
    if (pieces.isEmpty()) {
      return;
    }
    share.reading.or(pieces);
    share.lapsed.andNot(pieces);
    reading.or(pieces);
    share.expiresAt = now + policy.leaseValidity().toNanos();
    if (readers.isEmpty()) {
      nextExpiry = share.expiresAt;
    }
    hasten(reader, share);
    readers.add(reader);
  }

  /** The leases of a reader may end before all others. */
  private void hasten(Membership reader, LeaseShare share) {
    nextExpiry = earlier(nextExpiry, dueAt(reader, share));
  }

  /** When the leases of a reader end if nothing is heard of it. */
  private long dueAt(Membership reader, LeaseShare share) {
    return earlier(share.expiresAt, heartbeats.silentAt(reader.member, share.expiresAt));
  }

  private static long earlier(long one, long other) {
    return one - other < 0 ? one : other;
  }

  private BitSet done() {
    if (doneStale) {
      done.clear();
      doers.forEach(doer -> done.or(share(doer).done));
      doneStale = false;
    }
    return done;
  }

  private BitSet heldByOthers(Membership asker, BitSet pieces) {
    BitSet held = (BitSet) pieces.clone();
    for (Membership holder : asker.swarm.preferred.all()) {
      if (holder != asker && holder.isComplete() && asker.member.trusts(holder.member)) {
        return held;
      }
    }
    held.and(done());
    if (asker.member.distrust.hasShutOutAnybody()) {
      for (Membership doer : doers) {
        if (!asker.member.trusts(doer.member)) {
          held.andNot(share(doer).done); // another may have it too: that costs one more read
        }
      }
    }
    return held;
  }

  private List<Membership> holders(Membership asker, BitSet pieces) {
    List<Membership> holders = new ArrayList<>();
    for (Membership holder : asker.swarm.preferred.all()) {
      if (holder.isComplete() && mayTell(asker, holder, holders)) {
        holders.add(holder);
      }
    }
    for (Membership doer : doers) {
      if (share(doer).done.intersects(pieces)
          && mayTell(asker, doer, holders)
          && !holders.contains(doer)) {
        holders.add(doer);
      }
    }
    return holders;
  }

  private static boolean mayTell(Membership asker, Membership of, List<Membership> told) {
    return told.size() < HOLDERS_TOLD && of != asker && asker.member.trusts(of.member);
  }

  private BitSet take(LeaseShare share, BitSet free, int max) {
    BitSet taken = new BitSet();
    if (max <= 0 || free.isEmpty()) {
      return taken;
    }
    int start = start(share, free);
    int left = max;
    for (int p = free.nextSetBit(start); p >= 0 && left > 0; p = free.nextSetBit(p + 1)) {
      taken.set(p);
      share.lastGranted = p;
      left--;
    }
    for (int p = free.nextSetBit(0); p >= 0 && p < start && left > 0; p = free.nextSetBit(p + 1)) {
      taken.set(p);
      left--;
    }
    return taken;
  }

  private int start(LeaseShare share, BitSet free) {
    if (share.lastGranted >= 0 && free.get(share.lastGranted + 1)) {
      return share.lastGranted + 1;
    }
    int longest = -1;
    int longestLength = 0;
    for (int from = free.nextSetBit(0); from >= 0; ) {
      int to = free.nextClearBit(from);
      if (to - from > longestLength) {
        longest = from;
        longestLength = to - from;
      }
      from = free.nextSetBit(to);
    }
    boolean approached = longest > 0 && reading.get(longest - 1) && !share.reading.get(longest - 1);
    return approached ? longest + longestLength / 2 : longest;
  }
}
