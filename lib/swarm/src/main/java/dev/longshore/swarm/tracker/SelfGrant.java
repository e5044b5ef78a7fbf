package dev.longshore.swarm.tracker;

import dev.longshore.swarm.PeerId;
import java.util.BitSet;
import java.util.Collection;
import java.util.random.RandomGenerator;

/** Which pieces a member may read from the source when no tracker answers. */
public final class SelfGrant {

  /*
   * Members that know of each other split the pieces by rendezvous (Thaler and Ravishankar, 1998):
   * a piece is the share of the member whose hash with it is highest, so that N members read about
   * 1/N each and swap the rest. What is nobody's business soon becomes everybody's: a member whose
   * share is read and that still lacks pieces which no peer offers takes them after a while, from
   * a random place on, so that several such members do not read the same ones.
   */

  /** How long the others get to read their share. */
  static final long FOREIGN_SHARE_AFTER = 2_000_000_000L;

  private final PeerId self;
  private final RandomGenerator random;
  private boolean waiting;
  private long waitingSince;

  public SelfGrant(PeerId self, RandomGenerator random) {
    this.self = self;
    this.random = random;
  }

  /** The pieces to read now; empty while the others should get their chance. */
  public BitSet choose(BitSet wanted, int max, Collection<PeerId> others, long now) {
    if (others.isEmpty()) {
      // Alone: in order, which is what the reader in front of the download waits for.
      return firstFrom(wanted, 0, max);
    }
    BitSet share = new BitSet();
    for (int p = wanted.nextSetBit(0); p >= 0 && share.cardinality() < max; p = next(wanted, p)) {
      if (isMine(p, others)) {
        share.set(p);
      }
    }
    if (!share.isEmpty()) {
      waiting = false;
      return share;
    }
    if (!waiting) {
      waiting = true;
      waitingSince = now;
    }
    if (wanted.isEmpty() || now - waitingSince < FOREIGN_SHARE_AFTER) {
      return new BitSet();
    }
    return firstFrom(wanted, random.nextInt(wanted.length()), max);
  }

  private boolean isMine(int piece, Collection<PeerId> others) {
    long mine = weight(self, piece);
    for (PeerId other : others) {
      if (Long.compareUnsigned(weight(other, piece), mine) > 0) {
        return false;
      }
    }
    return true;
  }

  private static long weight(PeerId peer, int piece) {
    return Rendezvous.mix(peer.high() ^ Rendezvous.mix(peer.low() + piece));
  }

  /** Up to {@code max} set bits at or after {@code start}, wrapping around. */
  private static BitSet firstFrom(BitSet wanted, int start, int max) {
    BitSet chosen = new BitSet();
    int left = max;
    for (int p = wanted.nextSetBit(start); p >= 0 && left > 0; p = next(wanted, p), left--) {
      chosen.set(p);
    }
    for (int p = wanted.nextSetBit(0); p >= 0 && p < start && left > 0; p = next(wanted, p)) {
      chosen.set(p);
      left--;
    }
    return chosen;
  }

  private static int next(BitSet set, int piece) {
    return set.nextSetBit(piece + 1);
  }
}
