package dev.longshore.swarm.node;

import dev.longshore.swarm.wire.GoodbyeReason;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When one connection last did what, and whether that is too long ago. Not thread-safe; times are
 * nanoseconds of a monotonic clock.
 */
final class Liveness {
  /*
   * Bytes alone are no life: who sends one a second would hold on to a piece's memory, and to
   * whoever waits for the piece, for days. A frame that has begun has to be whole, or this much
   * further, each time that patience has passed.
   */
  /**
   * What a frame has to gain within {@link SwarmLimits#stall}; a piece has 16 to 256 times that.
   */
  static final int LEAST_PROGRESS = 16 << 10;

  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(20);
  private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(5);

  private final SwarmLimits limits;
  private long lastReceived;
  private long lastProgress;
  private long bytesSince;
  private long pausedAt;
  private boolean paused;
  private long lastSent;
  private long lastShared;

  /** A connection that begins now. */
  Liveness(SwarmLimits limits, long now) {
    this.limits = limits;
    this.lastReceived = now;
    this.lastProgress = now;
    this.lastSent = now;
    this.lastShared = now;
  }

  /** Bytes came off the socket. */
  void received(int bytes, long now) {
    lastReceived = now;
    bytesSince += bytes;
    if (bytesSince >= LEAST_PROGRESS) {
      progressed(now);
    }
  }

  /** A frame is here whole. */
  void progressed(long now) {
    lastProgress = now;
    bytesSince = 0;
  }

  /** This side reads no more for a while, so nothing can arrive. */
  void paused(long now) {
    if (!paused) {
      paused = true;
      pausedAt = now;
    }
  }

  void sent(long now) {
    lastSent = now;
  }

  /** This side reads again: the peer's silence counts from here, its slowness goes on. */
  void resumed(long now) {
    if (paused) {
      paused = false;
      lastReceived = now;
      lastProgress += now - pausedAt;
    }
  }

  /**
   * Why the connection has to end now; null while it may go on.
   *
   * @param midFrame a frame has begun and is not here whole
   * @param sharing there is a blob that both sides exchange
   */
  @Nullable Farewell check(boolean midFrame, boolean sharing, long now) {
    if (sharing) {
      lastShared = now;
    }
    if (!midFrame) {
      progressed(now);
    }
    if (!paused && isPast(limits.silence(), lastReceived, now)) {
      return new Farewell(GoodbyeReason.SILENT, "nothing arrived for " + limits.silence());
    }
    if (!paused && isPast(limits.stall(), lastProgress, now)) {
      return new Farewell(
          GoodbyeReason.SILENT,
          "a frame gained less than " + LEAST_PROGRESS + " bytes in " + limits.stall());
    }
    if (isPast(limits.idle(), lastShared, now)) {
      return new Farewell(GoodbyeReason.IDLE, "no blob was shared for " + limits.idle());
    }
    return null;
  }

  /** Whether the peer would take this side for dead if nothing is sent. */
  boolean keepAliveIsDue(long now) {
    return isPast(limits.keepAlive(), lastSent, now);
  }

  private static boolean isPast(Duration patience, long since, long now) {
    return now - since >= patience.toNanos();
  }

  /** How often to check: several times within the shortest patience. */
  static Duration interval(SwarmLimits limits) {
    Duration shortest =
        least(least(limits.keepAlive(), limits.stall()), least(limits.silence(), limits.idle()));
    Duration quarter = shortest.dividedBy(4);
    return quarter.compareTo(SHORTEST_INTERVAL) < 0
        ? SHORTEST_INTERVAL
        : least(quarter, LONGEST_INTERVAL);
  }

  private static Duration least(Duration one, Duration other) {
    return one.compareTo(other) <= 0 ? one : other;
  }
}
