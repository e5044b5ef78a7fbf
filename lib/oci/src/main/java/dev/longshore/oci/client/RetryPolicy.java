package dev.longshore.oci.client;

import java.time.Duration;

/**
 * How often and how patiently a request is tried again after a cut, a 429 or a 5xx.
 *
 * @param attempts in all, at least 1
 * @param firstDelay before the second attempt; doubles from there
 * @param maxDelay longest wait, also for a server's {@code Retry-After}
 */
public record RetryPolicy(int attempts, Duration firstDelay, Duration maxDelay) {
  /** Five attempts within some fifteen seconds, or longer when the server asks. */
  public static final RetryPolicy DEFAULT =
      new RetryPolicy(5, Duration.ofMillis(500), Duration.ofSeconds(30));

  /** One attempt: the caller passes the failure on. */
  public static final RetryPolicy NONE = new RetryPolicy(1, Duration.ZERO, Duration.ZERO);

  public RetryPolicy {
    if (attempts < 1 || firstDelay.isNegative() || maxDelay.compareTo(firstDelay) < 0) {
      throw new IllegalArgumentException(
          "expected attempts >= 1 and 0 <= firstDelay <= maxDelay, found "
              + attempts
              + ", "
              + firstDelay
              + ", "
              + maxDelay);
    }
  }
}
