package dev.longshore.swarm.store;

import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Tells when blobs are used, in milliseconds since the epoch: later each time, whatever the
 * machine's clock does. Thread-safe.
 */
final class UseClock {
  /*
   * What matters is the order of uses, across restarts too. After the machine's clock was set back,
   * or was years ahead for a moment, the last use that is known is the present, and goes on from
   * there by a millisecond a use until the machine's clock has caught up.
   */
  private final InstantSource clock;
  private final AtomicLong last;

  /**
   * A clock that is never behind a use that is known.
   *
   * @param newest of all uses noted so far
   */
  UseClock(InstantSource clock, long newest) {
    this.clock = clock;
    this.last = new AtomicLong(newest);
  }

  /** The present. */
  long now() {
    return Math.max(last.get(), clock.millis());
  }

  /** A use, later than every use before it. */
  long use() {
    long now = clock.millis();
    return last.updateAndGet(before -> now > before ? now : before + 1);
  }
}
