package dev.longshore.bench.sim;

import java.util.Arrays;

/** Which pieces a node has stored, and when, in that order. */
final class StoredLog {
  private static final int PIECE_BITS = 20;

  /** The time above, the piece below: one place in memory for both. */
  private long[] entries = new long[64];

  private int size;

  void add(int piece, long time) {
    if (piece >> PIECE_BITS != 0 || time >> (Long.SIZE - 1 - PIECE_BITS) != 0) {
      throw new IllegalArgumentException("piece " + piece + " at " + time + " is too large");
    }
    if (size == entries.length) {
      entries = Arrays.copyOf(entries, 2 * size);
    }
    entries[size++] = time << PIECE_BITS | piece;
  }

  int size() {
    return size;
  }

  /** How many were stored until then. */
  int until(long time) {
    int from = 0;
    int to = size;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (time(middle) <= time) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }

  int piece(int at) {
    return (int) entries[at] & ((1 << PIECE_BITS) - 1);
  }

  long time(int at) {
    return entries[at] >>> PIECE_BITS;
  }
}
