package dev.longshore.swarm.engine;

import java.util.BitSet;
import java.util.function.IntConsumer;

/** A set of pieces of one blob, of a size that never changes; every access is an array access. */
final class PieceSet {
  private final long[] words;

  /** An empty set for a blob of so many pieces. */
  PieceSet(int pieces) {
    this.words = new long[(pieces + Long.SIZE - 1) / Long.SIZE];
  }

  /** The pieces of a bit set that the blob has. */
  static PieceSet of(int pieces, BitSet bits) {
    PieceSet set = new PieceSet(pieces);
    long[] from = bits.toLongArray();
    System.arraycopy(from, 0, set.words, 0, Math.min(from.length, set.words.length));
    int beyond = pieces % Long.SIZE;
    if (beyond != 0) {
      set.words[set.words.length - 1] &= (1L << beyond) - 1;
    }
    return set;
  }

  boolean get(int piece) {
    return (words[piece >> 6] & 1L << piece) != 0;
  }

  void set(int piece) {
    words[piece >> 6] |= 1L << piece;
  }

  void clear(int piece) {
    words[piece >> 6] &= ~(1L << piece);
  }

  int count() {
    int count = 0;
    for (long word : words) {
      count += Long.bitCount(word);
    }
    return count;
  }

  /** How many groups of 64 neighbours there are. */
  int words() {
    return words.length;
  }

  /** The pieces of a group, the first one in the lowest bit. */
  long word(int word) {
    return words[word];
  }

  /** Becomes the same as another set of the same blob. */
  void copy(PieceSet other) {
    System.arraycopy(other.words, 0, words, 0, words.length);
  }

  /** Goes through the pieces in order. */
  void each(IntConsumer action) {
    for (int word = 0; word < words.length; word++) {
      for (long left = words[word]; left != 0; left &= left - 1) {
        action.accept((word << 6) + Long.numberOfTrailingZeros(left));
      }
    }
  }

  BitSet toBitSet() {
    return BitSet.valueOf(words);
  }
}
