package dev.longshore.swarm.engine;

import java.util.Arrays;
import java.util.BitSet;
import java.util.random.RandomGenerator;

/** The pieces still to be asked for, rarest first, equally rare ones in random order. */
final class RarestFirstOrder {
  /*
   * The listed pieces stand in one array, sorted by availability; start[a] is where availability a
   * begins. A piece whose availability changes by one is swapped with the piece at the edge of its
   * bucket and the edge moves over it, so a change costs O(1) and never a sort. Listing and
   * unlisting a piece walks the edges once: O(highest availability), some tens. Peers that have
   * everything change no order and are not counted here. (The bucket array is the one libtorrent's
   * piece picker made known.)
   */
  private static final int UNLISTED = -1;

  private final int[] order;
  private final int[] position;
  private final int[] availability;
  private int[] start = new int[8];
  private int listed;
  private final RandomGenerator random;

  RarestFirstOrder(int pieces, BitSet held, RandomGenerator random) {
    this.order = new int[pieces];
    this.position = new int[pieces];
    this.availability = new int[pieces];
    this.random = random;
    Arrays.fill(position, UNLISTED);
    for (int piece = held.nextClearBit(0); piece < pieces; piece = held.nextClearBit(piece + 1)) {
      position[piece] = listed;
      order[listed++] = piece;
    }
    for (int at = listed - 1; at > 0; at--) {
      swap(at, random.nextInt(at + 1));
    }
    Arrays.fill(start, 1, start.length, listed);
  }

  int listed() {
    return listed;
  }

  boolean isListed(int piece) {
    return position[piece] != UNLISTED;
  }

  /** How many listed pieces no counted peer has. */
  int unavailable() {
    return start[1];
  }

  /** The listed pieces that no counted peer has. */
  BitSet unavailablePieces() {
    BitSet pieces = new BitSet(order.length);
    for (int at = 0; at < start[1]; at++) {
      pieces.set(order[at]);
    }
    return pieces;
  }

  int availability(int piece) {
    return availability[piece];
  }

  /** One more peer has a piece. */
  void increment(int piece) {
    int was = availability[piece]++;
    ensureBucket(was + 2);
    if (isListed(piece)) {
      int last = --start[was + 1];
      swap(position[piece], last);
      shuffleInto(was + 1, last);
    }
  }

  /** One peer less has a piece. */
  void decrement(int piece) {
    int was = availability[piece]--;
    if (isListed(piece)) {
      int first = start[was]++;
      swap(position[piece], first);
      shuffleInto(was - 1, first);
    }
  }

  /** Takes a piece off the list: it has been asked for. */
  void unlist(int piece) {
    int at = position[piece];
    for (int bucket = availability[piece] + 1; bucket < start.length; bucket++) {
      int last = --start[bucket];
      if (last != at) {
        swap(at, last);
        at = last;
      }
    }
    listed--;
    position[piece] = UNLISTED;
  }

  /** Puts a piece back on the list: it has to be asked for again. */
  void list(int piece) {
    int at = listed++;
    order[at] = piece;
    position[piece] = at;
    for (int bucket = start.length - 1; bucket > availability[piece]; bucket--) {
      int first = start[bucket]++;
      if (first != at) {
        swap(at, first);
        at = first;
      }
    }
    shuffleInto(availability[piece], at);
  }

  /** The rarest listed piece that is in this set, or -1. */
  int rarest(BitSet among) {
    return first(0, among);
  }

  /** The same for what a counted peer has: pieces that no such peer has need no look. */
  int rarestOfCounted(BitSet among) {
    return first(start[1], among);
  }

  private int first(int from, BitSet among) {
    for (int at = from; at < listed; at++) {
      if (among.get(order[at])) {
        return order[at];
      }
    }
    return -1;
  }

  /** Moves the newcomer at {@code at} to a random place of its bucket, so that ties stay random. */
  private void shuffleInto(int bucket, int at) {
    int from = start[bucket];
    int to = bucket + 1 < start.length ? start[bucket + 1] : listed;
    if (to - from > 1) {
      swap(at, random.nextInt(from, to));
    }
  }

  private void swap(int left, int right) {
    int piece = order[left];
    order[left] = order[right];
    order[right] = piece;
    position[order[left]] = left;
    position[order[right]] = right;
  }

  private void ensureBucket(int bucket) {
    if (bucket >= start.length) {
      int length = start.length;
      start = Arrays.copyOf(start, Math.max(bucket + 1, 2 * length));
      Arrays.fill(start, length, start.length, listed);
    }
  }
}
