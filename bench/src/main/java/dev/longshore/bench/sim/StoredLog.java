package dev.longshore.bench.sim;

import java.util.Arrays;

/** Which pieces a node has stored, and when, in that order. */
final class StoredLog {
  private int[] pieces = new int[64];
  private long[] times = new long[64];
  private int size;

  void add(int piece, long time) {
    if (size == pieces.length) {
      pieces = Arrays.copyOf(pieces, 2 * size);
      times = Arrays.copyOf(times, 2 * size);
    }
    pieces[size] = piece;
    times[size++] = time;
  }

  int size() {
    return size;
  }

  int piece(int at) {
    return pieces[at];
  }

  long time(int at) {
    return times[at];
  }
}
