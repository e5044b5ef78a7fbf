package dev.longshore.swarm.store;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a sync at every interval, on a thread of its own. */
final class SyncClock implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SyncClock.class);

  private final ScheduledExecutorService thread;
  private final ScheduledFuture<?> ticks;

  private SyncClock(ScheduledExecutorService thread, ScheduledFuture<?> ticks) {
    this.thread = thread;
    this.ticks = ticks;
  }

  static SyncClock start(PieceSync sync, Duration every) {
    ScheduledExecutorService thread =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("piece-sync").factory());
    long millis = every.toMillis();
    return new SyncClock(
        thread,
        thread.scheduleWithFixedDelay(
            () -> runLogged(sync), millis, millis, TimeUnit.MILLISECONDS));
  }

  /** A tick that threw would be the last one: an executor drops such a task. */
  private static void runLogged(PieceSync sync) {
    try {
      sync.tick();
    } catch (IOException | RuntimeException e) {
      log.error("A sync of the piece store failed; the next one tries again", e);
    }
  }

  /** No sync begins after this, and none is running. */
  @Override
  public void close() {
    ticks.cancel(false);
    thread.close();
  }
}
