package dev.longshore.swarm.node;

/**
 * How much of something somebody may do: so much at once, and then so much a second. Not
 * thread-safe; times are nanoseconds of a monotonic clock.
 */
final class Allowance {
  /*
   * The generic cell rate algorithm (ITU-T I.371, 1996): one number, the time at which all that was
   * taken would have been earned.
   */
  private static final long SECOND = 1_000_000_000;

  private final long each;
  private final long atOnce;
  private long earnedAt;

  Allowance(int atOnce, int perSecond, long now) {
    this.each = SECOND / perSecond;
    this.atOnce = each * atOnce;
    this.earnedAt = now;
  }

  /** Takes one; false, and nothing is taken, when there is none. */
  boolean take(long now) {
    long begin = earnedAt - now > 0 ? earnedAt : now;
    if (begin + each - now > atOnce) {
      return false;
    }
    earnedAt = begin + each;
    return true;
  }
}
