package dev.longshore.cli.progress;

import java.util.ArrayDeque;

/** Bytes a second over the last few seconds. Not thread-safe. */
public final class RecentRate {
  private static final long WINDOW_NANOS = 5_000_000_000L;

  private record Sample(long nanos, long bytes) {}

  private final ArrayDeque<Sample> samples = new ArrayDeque<>();

  /** Takes a count that only grows, and returns its rate up to now. */
  public double at(long nanos, long bytes) {
    samples.add(new Sample(nanos, bytes));
    while (samples.size() > 2 && nanos - samples.getFirst().nanos > WINDOW_NANOS) {
      samples.removeFirst();
    }
    Sample oldest = samples.getFirst();
    long elapsed = nanos - oldest.nanos;
    return elapsed == 0 ? 0 : (bytes - oldest.bytes) / (elapsed / 1e9);
  }
}
