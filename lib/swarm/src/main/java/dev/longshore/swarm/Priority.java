package dev.longshore.swarm;

/** How urgent a download is, the most urgent first. */
public enum Priority {
  /** A process waits for these bytes: a lazy snapshotter's read. */
  ON_DEMAND(0),

  /** Somebody pulls the blob now. */
  FOREGROUND(1),

  /** The blob is fetched before anybody pulls it. */
  PREHEAT(2),

  /** Nobody asked for it: what is left of a pull whose client has gone. */
  BACKGROUND(3);

  private final int rank;

  Priority(int rank) {
    this.rank = rank;
  }

  /** From 0, the most urgent, without gaps. */
  public int rank() {
    return rank;
  }

  public boolean isAbove(Priority other) {
    return rank < other.rank;
  }
}
