package dev.longshore.oci.client;

import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Waits between attempts: doubling, with jitter, or as long as the server asks within bounds. */
final class Backoff {
  private final RetryPolicy policy;

  Backoff(RetryPolicy policy) {
    this.policy = policy;
  }

  int attempts() {
    return policy.attempts();
  }

  /** True for an answer that may be another one later. */
  static boolean isTransient(int status) {
    return status == 408 || status == 429 || status == 500 || (status >= 502 && status <= 504);
  }

  /**
   * Blocks before the next attempt.
   *
   * @param failures so far, at least 1
   * @param retryAfter the header, null when absent
   */
  void pause(int failures, @Nullable String retryAfter) throws InterruptedIOException {
    try {
      Thread.sleep(delay(failures, retryAfter, Instant.now()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting to try again");
    }
  }

  Duration delay(int failures, @Nullable String retryAfter, Instant now) {
    Duration asked = retryAfter == null ? Duration.ZERO : parse(retryAfter, now);
    if (asked.isPositive()) {
      return asked.compareTo(policy.maxDelay()) > 0 ? policy.maxDelay() : asked;
    }
    long doubled = policy.firstDelay().toNanos() << Math.min(failures - 1, 20);
    long capped = Math.min(doubled, policy.maxDelay().toNanos());
    // Half fixed, half random: nodes that failed together do not come back together.
    return Duration.ofNanos(capped / 2 + ThreadLocalRandom.current().nextLong(capped / 2 + 1));
  }

  private static Duration parse(String retryAfter, Instant now) {
    if (retryAfter.matches("[0-9]{1,9}")) {
      return Duration.ofSeconds(Long.parseLong(retryAfter));
    }
    try {
      return Duration.between(
          now, ZonedDateTime.parse(retryAfter, DateTimeFormatter.RFC_1123_DATE_TIME));
    } catch (DateTimeParseException e) {
      // A header nobody can read is as good as none.
      return Duration.ZERO;
    }
  }
}
