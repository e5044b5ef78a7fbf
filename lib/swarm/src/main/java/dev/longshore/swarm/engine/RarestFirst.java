package dev.longshore.swarm.engine;

import java.util.BitSet;
import java.util.random.RandomGenerator;

/** The pieces still to be asked for, and which of those that a peer has is the rarest. */
final class RarestFirst {
  /*
   * How many peers have a piece is a number in an array, so news of a piece costs an addition,
   * whatever its rank was; ranks are looked at only when a piece is picked, which is a hundred times
   * rarer. A pick looks at the candidates (listed, and the peer has them) from a random place on,
   * and at no more than some hundred of them: in a blob of that many pieces it finds the rarest of
   * all, in a larger one the rarest of a random sample, which spreads pieces as well. Equally rare
   * ones are in random order. Peers that have everything change no order and are not counted.
   */

  /** Counts one peer; those in this zone are counted a second time, in the upper half. */
  private static final int ANYWHERE = 1;

  private static final int NEAR = ANYWHERE | 1 << 16;

  private static final int CANDIDATES = 128;

  /** 2^32 ÷ the golden ratio: neighbours are spread far from each other (Knuth 6.4). */
  private static final int SPREAD = 0x9E3779B9;

  private final int[] availability;
  private final PieceSet listed;
  private final PieceSet unavailable;

  private final Crossing crossing;
  private final RandomGenerator random;
  private int listedCount;
  private int unavailableCount;

  /** Lists all pieces that are not held. */
  RarestFirst(int pieces, BitSet held, RandomGenerator random) {
    this.availability = new int[pieces];
    this.random = random;
    BitSet missing = (BitSet) held.clone();
    missing.flip(0, Math.max(pieces, held.length()));
    this.listed = PieceSet.of(pieces, missing);
    this.unavailable = PieceSet.of(pieces, missing);
    this.crossing = new Crossing(pieces, random);
    this.listedCount = listed.count();
    this.unavailableCount = listedCount;
  }

  /** How many pieces have to be asked for. */
  int listed() {
    return listedCount;
  }

  boolean isListed(int piece) {
    return listed.get(piece);
  }

  /** How many listed pieces no counted peer has. */
  int unavailable() {
    return unavailableCount;
  }

  /** The listed pieces that no counted peer has. */
  BitSet unavailablePieces() {
    return unavailable.toBitSet();
  }

  /** How many counted peers have a piece. */
  int availability(int piece) {
    return availability[piece] & 0xffff;
  }

  /** Which pieces may be fetched from another zone. */
  Crossing crossing() {
    return crossing;
  }

  /** One more peer has a piece. */
  void increment(int piece, boolean far) {
    int before = availability[piece];
    availability[piece] = before + (far ? ANYWHERE : NEAR);
    if (before == 0 && listed.get(piece)) {
      unavailable.clear(piece);
      unavailableCount--;
    }
    if (!far && before < NEAR) {
      crossing.isHere(piece);
    }
  }

  /** One peer less has a piece. */
  void decrement(int piece, boolean far) {
    int after = availability[piece] - (far ? ANYWHERE : NEAR);
    availability[piece] = after;
    if (after == 0 && listed.get(piece)) {
      unavailable.set(piece);
      unavailableCount++;
    }
    if (after < NEAR) {
      crossing.isNotHere(piece);
    }
  }

  /** Takes a piece off the list: it has been asked for, or is here. */
  void unlist(int piece) {
    listed.clear(piece);
    listedCount--;
    if (availability[piece] == 0) {
      unavailable.clear(piece);
      unavailableCount--;
    }
  }

  /** Puts a piece back on the list: it has to be asked for again. */
  void list(int piece) {
    listed.set(piece);
    listedCount++;
    if (availability[piece] == 0) {
      unavailable.set(piece);
      unavailableCount++;
    }
  }

  /**
   * The rarest listed piece that is in this set, or -1.
   *
   * @param cross whether that would be from another zone
   */
  int rarest(PieceSet among, boolean cross) {
    int words = listed.words();
    int word = words <= 1 ? 0 : random.nextInt(words);
    int salt = random.nextInt();
    int looked = 0;
    int best = -1;
    long bestRank = Long.MAX_VALUE;
    for (int done = 0; done < words && looked < CANDIDATES; done++) {
      long candidates = listed.word(word) & among.word(word);
      if (cross) {
        candidates &= crossing.word(word);
      }
      for (long left = candidates; left != 0; left &= left - 1) {
        int piece = (word << 6) + Long.numberOfTrailingZeros(left);
        long tie = Integer.toUnsignedLong((piece ^ salt) * SPREAD);
        long rank = (long) availability(piece) << Integer.SIZE | tie;
        if (rank < bestRank) {
          bestRank = rank;
          best = piece;
        }
        looked++;
      }
      word = word + 1 == words ? 0 : word + 1;
    }
    return best;
  }
}
