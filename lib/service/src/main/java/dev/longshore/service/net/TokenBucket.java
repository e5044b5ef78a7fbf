package dev.longshore.service.net;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Paces a flow of bytes to a rate with a burst; callers bring the time, so it can be simulated. */
public final class TokenBucket {
  /*
   * The bucket is one number, the instant at which it is (or will be) empty. It fills as time moves
   * away from that instant, up to the burst; taking n bytes moves the instant n/rate later. When the
   * instant lies in the future, whoever moved it there waits until then. (The "virtual scheduling"
   * form of the generic cell rate algorithm, ITU-T I.371 annex A.) One number means one
   * compare-and-set: several event loops can share a bucket without a lock.
   *
   * What was reserved up to any instant is at most burst + rate * elapsed. A reservation larger than
   * the burst is allowed and simply waits longer, so a large piece cannot starve.
   */

  private static final double NANOS = 1e9;

  /** A shorter pause costs more in timers and wake-ups than it smooths. */
  private static final long SHORTEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(25);

  private final RateLimit limit;
  private final long burstNanos;
  private final AtomicLong emptyAt;

  private TokenBucket(RateLimit limit, long burstBytes, long nowNanos) {
    this.limit = limit;
    this.burstNanos = limit.isUnlimited() ? 0 : cost(burstBytes);
    this.emptyAt = new AtomicLong(nowNanos - burstNanos);
  }

  /** A full bucket that bursts for a tenth of a second's worth, and at least 64 KiB. */
  public static TokenBucket of(RateLimit limit, long nowNanos) {
    return of(limit, Math.max(64 << 10, limit.bytesPerSecond() / 10), nowNanos);
  }

  /** A full bucket. */
  public static TokenBucket of(RateLimit limit, long burstBytes, long nowNanos) {
    if (burstBytes < 0) {
      throw new IllegalArgumentException("a burst cannot be negative: " + burstBytes);
    }
    return new TokenBucket(limit, burstBytes, nowNanos);
  }

  public RateLimit limit() {
    return limit;
  }

  /**
   * Takes bytes, always, and says how long to wait before using them.
   *
   * @param nowNanos of a monotonic clock such as {@link System#nanoTime}
   * @return nanoseconds to wait; 0 for at once
   */
  public long reserve(long bytes, long nowNanos) {
    if (limit.isUnlimited() || bytes == 0) {
      return 0;
    }
    if (bytes < 0) {
      throw new IllegalArgumentException("cannot reserve " + bytes + " bytes");
    }
    long cost = cost(bytes);
    while (true) {
      long seen = emptyAt.get();
      long next = notBefore(seen, nowNanos - burstNanos) + cost;
      if (emptyAt.compareAndSet(seen, next)) {
        return Math.max(0, next - nowNanos);
      }
    }
  }

  /**
   * As {@link #reserve}, for a steady flow: waits of a few milliseconds are not asked for one by
   * one but left to add up. What was taken is at most 25 ms ahead of the rate.
   */
  public long pace(long bytes, long nowNanos) {
    long wait = reserve(bytes, nowNanos);
    return wait < SHORTEST_PAUSE ? 0 : wait;
  }

  /** Takes bytes only if they can be used at once. */
  public boolean tryReserve(long bytes, long nowNanos) {
    if (limit.isUnlimited() || bytes == 0) {
      return true;
    }
    long cost = cost(bytes);
    while (true) {
      long seen = emptyAt.get();
      long next = notBefore(seen, nowNanos - burstNanos) + cost;
      if (next - nowNanos > 0) {
        return false;
      }
      if (emptyAt.compareAndSet(seen, next)) {
        return true;
      }
    }
  }

  /** Gives back bytes that were reserved and never used. */
  public void giveBack(long bytes) {
    if (!limit.isUnlimited() && bytes > 0) {
      emptyAt.addAndGet(-cost(bytes));
    }
  }

  // Instants wrap around like System.nanoTime: compare by difference only.
  private static long notBefore(long instant, long earliest) {
    return instant - earliest < 0 ? earliest : instant;
  }

  private long cost(long bytes) {
    return (long) Math.ceil(bytes * NANOS / limit.bytesPerSecond());
  }
}
