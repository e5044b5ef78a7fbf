package dev.longshore.swarm.node;

import dev.longshore.swarm.wire.GoodbyeReason;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When one connection last did what, and whether that is too long ago. Not thread-safe; times are
 * nanoseconds of a monotonic clock.
 */
final class Liveness {
  private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(20);
  private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(5);

  /**
   * What a connection is doing.
   *
   * @param paused this side does not read, so nothing can arrive
   * @param receiving some bytes of a piece are here and not all
   * @param sharing there is a blob that both sides exchange
   */
  record Doing(boolean paused, boolean receiving, boolean sharing) {}

  private final SwarmLimits limits;
  private long lastReceived;
  private long lastSent;
  private long lastShared;

  /** A connection that begins now. */
  Liveness(SwarmLimits limits, long now) {
    this.limits = limits;
    this.lastReceived = now;
    this.lastSent = now;
    this.lastShared = now;
  }

  void received(long now) {
    lastReceived = now;
  }

  void sent(long now) {
    lastSent = now;
  }

  /** This side reads again: the peer's silence counts from here. */
  void resumed(long now) {
    lastReceived = now;
  }

  /** Why the connection has to end now; null while it may go on. */
  @Nullable Farewell check(Doing doing, long now) {
    if (doing.sharing) {
      lastShared = now;
    }
    if (!doing.paused && isPast(limits.silence(), lastReceived, now)) {
      return new Farewell(GoodbyeReason.SILENT, "nothing arrived for " + limits.silence());
    }
    if (!doing.paused && doing.receiving && isPast(limits.stall(), lastReceived, now)) {
      return new Farewell(GoodbyeReason.SILENT, "a piece stopped arriving for " + limits.stall());
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
