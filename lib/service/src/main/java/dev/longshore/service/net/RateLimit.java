package dev.longshore.service.net;

import dev.longshore.service.unit.DataRate;

/**
 * The most that may pass in a second: a rate, or no limit.
 *
 * @param bytesPerSecond at least 1; {@link Long#MAX_VALUE} when unlimited
 */
public record RateLimit(long bytesPerSecond) {

  public static final RateLimit UNLIMITED = new RateLimit(Long.MAX_VALUE);

  public RateLimit {
    if (bytesPerSecond < 1) {
      throw new IllegalArgumentException("a rate limit must be at least 1B/s");
    }
  }

  /** Reads a rate such as {@code 100MiB/s}, or {@code unlimited}. */
  public static RateLimit parse(String text) {
    if (text.strip().equals("unlimited")) {
      return UNLIMITED;
    }
    try {
      return new RateLimit(DataRate.parse(text).bytesPerSecond());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(e.getMessage() + ", or \"unlimited\"", e);
    }
  }

  public boolean isUnlimited() {
    return bytesPerSecond == Long.MAX_VALUE;
  }

  @Override
  public String toString() {
    return isUnlimited() ? "unlimited" : new DataRate(bytesPerSecond).toString();
  }
}
