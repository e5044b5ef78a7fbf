package dev.longshore.swarm.engine;

/** How long the answers to a download's requests kept it waiting: what nine of ten took at most. */
final class ResponseTimes {
  /*
   * A histogram of milliseconds whose buckets grow by an eighth of a power of two (as in
   * HdrHistogram), so that an entry is an addition and a quantile is off by an eighth at most. When
   * it is full all counts are halved: what happened long ago fades.
   */
  private static final int BITS = 3;
  private static final int PER_DOUBLING = 1 << BITS;

  /** Up to a quarter of an hour; what takes longer counts as that. */
  private static final int BUCKETS = 18 * PER_DOUBLING;

  private static final int FULL = 1_024;

  /** With fewer entries nothing is known of the slowest tenth. */
  private static final int FEWEST = 10;

  private static final long MILLI = 1_000_000;

  private final int[] counts = new int[BUCKETS];
  private int total;

  /** Enters a time in nanoseconds; what is below a millisecond counts as none. */
  void add(long nanos) {
    counts[bucket(Math.max(0, nanos) / MILLI)]++;
    if (++total >= FULL) {
      total = 0;
      for (int bucket = 0; bucket < BUCKETS; bucket++) {
        counts[bucket] /= 2;
        total += counts[bucket];
      }
    }
  }

  /**
   * What nine of ten took at most, in nanoseconds.
   *
   * @param unknown the answer while too few have been entered
   */
  long p90(long unknown) {
    if (total < FEWEST) {
      return unknown;
    }
    int above = total / 10;
    int bucket = BUCKETS - 1;
    while (bucket > 0 && counts[bucket] <= above) {
      above -= counts[bucket--];
    }
    return end(bucket) * MILLI;
  }

  /** Below {@link #PER_DOUBLING} a bucket a value, then as many buckets a power of two. */
  private static int bucket(long millis) {
    if (millis < PER_DOUBLING) {
      return (int) millis;
    }
    int doublings = Long.SIZE - 1 - Long.numberOfLeadingZeros(millis) - BITS;
    long bucket = ((long) doublings << BITS) + (millis >> doublings);
    return (int) Math.min(BUCKETS - 1, bucket);
  }

  /** Where a bucket ends. */
  private static long end(int bucket) {
    if (bucket < PER_DOUBLING) {
      return bucket + 1L;
    }
    int doublings = (bucket >> BITS) - 1;
    return (PER_DOUBLING + (bucket & (PER_DOUBLING - 1)) + 1L) << doublings;
  }
}
