package dev.longshore.swarm.tracker;

import dev.longshore.swarm.PeerId;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.random.RandomGenerator;

/** Which pieces of one blob a member may read from the source when no tracker answers. */
public final class SelfGrant {

  /*
   * For each piece the members of a swarm have an order, by their hash with it (rendezvous; Thaler
   * and Ravishankar, 1998), and the first one reads it. The others wait for their turn, each a step
   * longer than the one before; once the piece is offered by a peer nobody needs a turn any more. So
   * N members read about 1/N each and swap the rest, and the share of one that is dead passes on. A
   * step is at least a second, and longer when this member's own reads take long: then the source is
   * busy with those of the others too.
   *
   * In a small swarm a member knows all others and counts those before it. In a large one it knows a
   * part of them, and with what it knows several would find themselves first. There it waits by
   * where its hash lies among all possible ones, which needs nobody else: the first of all has a
   * very small one.
   */

  /**
   * An answer.
   *
   * @param pieces to be read now
   * @param retryAfter nanoseconds until there may be more
   */
  public record Choice(BitSet pieces, long retryAfter) {}

  /** The shortest time between one's turn and the next one's. */
  static final long STEP = 1_000_000_000L;

  /** Nobody waits for more steps: then something is wrong with those before him. */
  static final int MOST_STEPS = 5;

  /** How much longer than a read a step is. */
  private static final double STEP_BY_READ = 4;

  /** What remains of the longest read with every later one. */
  private static final double FADING = 0.9;

  /** Who knows as many as a tracker tells a newcomer, or more, may not know all. */
  static final int ALL_KNOWN = 50;

  private static final long SHORTEST_RETRY = 50_000_000L;
  private static final long LONGEST_RETRY = 500_000_000L;

  private final PeerId self;
  private final RandomGenerator random;

  /** Since when each piece has been wanted; {@link #NEVER} if it is not. */
  private long[] wantedSince = {};

  /** Since when each piece has been read by this member; {@link #NEVER} if it is not. */
  private long[] readSince = {};

  /** Nanoseconds that recent reads took. */
  private double readTime;

  private static final long NEVER = Long.MIN_VALUE;

  public SelfGrant(PeerId self, RandomGenerator random) {
    this.self = self;
    this.random = random;
  }

  /**
   * The pieces to read now.
   *
   * @param wanted pieces that nobody is known to have
   * @param reading pieces that this member is reading
   * @param max at most so many are chosen
   * @param others members that are known
   * @param now nanoseconds of a monotonic clock
   */
  public Choice choose(
      BitSet wanted, BitSet reading, int max, Collection<PeerId> others, long now) {
    noteWanted(wanted, now);
    double step = Math.max((double) STEP, STEP_BY_READ * noteReads(reading, now));
    if (others.isEmpty()) {
      // Alone: in order, which is what the reader in front of the download waits for.
      return new Choice(firstFrom(wanted, 0, max), LONGEST_RETRY);
    }
    BitSet due = new BitSet();
    long wait = LONGEST_RETRY;
    for (int piece = wanted.nextSetBit(0); piece >= 0; piece = next(wanted, piece)) {
      double before = Math.min((double) MOST_STEPS, before(piece, others));
      long left = wantedSince[piece] + (long) (before * step) - now;
      if (left <= 0) {
        due.set(piece);
      } else {
        wait = Math.min(wait, left);
      }
    }
    // From a random place on: whoever is late with the same pieces begins somewhere else.
    BitSet chosen = due.isEmpty() ? due : firstFrom(due, random.nextInt(due.length()), max);
    return new Choice(chosen, Math.max(SHORTEST_RETRY, wait));
  }

  private void noteWanted(BitSet wanted, long now) {
    wantedSince = atLeast(wanted.length(), wantedSince);
    for (int piece = 0; piece < wantedSince.length; piece++) {
      if (!wanted.get(piece)) {
        wantedSince[piece] = NEVER;
      } else if (wantedSince[piece] == NEVER) {
        wantedSince[piece] = now;
      }
    }
  }

  /** Returns how long a read takes, those included that are not over. */
  private double noteReads(BitSet reading, long now) {
    readSince = atLeast(reading.length(), readSince);
    double longest = 0;
    for (int piece = 0; piece < readSince.length; piece++) {
      boolean reads = reading.get(piece);
      if (readSince[piece] != NEVER) {
        long took = now - readSince[piece];
        longest = Math.max(longest, (double) took);
        if (!reads) {
          readTime = Math.max((double) took, FADING * readTime);
          readSince[piece] = NEVER;
        }
      } else if (reads) {
        readSince[piece] = now;
      }
    }
    return Math.max(longest, readTime);
  }

  private static long[] atLeast(int length, long[] times) {
    if (times.length >= length) {
      return times;
    }
    long[] more = Arrays.copyOf(times, length);
    Arrays.fill(more, times.length, length, NEVER);
    return more;
  }

  /** About how many other members have their turn for a piece before this one. */
  private double before(int piece, Collection<PeerId> others) {
    long own = weight(self, piece);
    if (others.size() >= ALL_KNOWN) {
      return (own >>> 1) * 0x1p-63 * (others.size() + 1);
    }
    int before = 0;
    for (PeerId other : others) {
      before += Long.compareUnsigned(weight(other, piece), own) < 0 ? 1 : 0;
    }
    return before;
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
