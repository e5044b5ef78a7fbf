package dev.longshore.lazy.device;

/**
 * Guesses from the spans that were asked for how many after them will be: none until somebody reads
 * in order, then twice as many each time, up to a limit. Not for several threads.
 */
final class ReadAhead {
  private final int most;
  private int next = -1;
  private int ahead;

  ReadAhead(int most) {
    this.most = most;
  }

  /** Notes that these spans were asked for; returns how many after them to read as well. */
  int asked(int first, int last) {
    boolean inOrder = next >= 0 && first >= next && first <= next + ahead;
    ahead = inOrder ? Math.min(most, Math.max(1, 2 * ahead)) : 0;
    next = last + 1;
    return ahead;
  }
}
