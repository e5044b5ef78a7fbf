package dev.longshore.agent.blob;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Waits for one thing after the other as long as there is progress at all, and ends a wait during
 * which there was none for too long. One thread waits at a time.
 */
final class StallWatch implements AutoCloseable {
  /*
   * One look now and then instead of a limit for each wait: a reader waits once a piece, and a timer
   * that is set and taken back wakes threads each time.
   */
  private static final int LOOKS = 10;

  private final LongSupplier progress;
  private final Duration patience;
  private final Executor later;
  private @Nullable CompletableFuture<Void> awaited; // guarded by this
  private long seen; // guarded by this
  private long since; // guarded by this
  private boolean looking; // guarded by this
  private boolean closed; // guarded by this

  /**
   * Nothing is waited for yet.
   *
   * @param progress grows as long as there is hope
   * @param patience how long it may stay the same while something is waited for
   */
  StallWatch(LongSupplier progress, Duration patience) {
    this.progress = progress;
    this.patience = patience;
    this.later =
        CompletableFuture.delayedExecutor(
            Math.max(1, patience.toMillis() / LOOKS), TimeUnit.MILLISECONDS);
  }

  /**
   * Waits; whatever ends the wait also completes or cancels what was waited for.
   *
   * @throws ExecutionException with the cause of a failure, which is a {@link StalledException}
   *     when there was no progress for too long
   */
  void await(CompletableFuture<Void> arrival) throws InterruptedException, ExecutionException {
    if (arrival.isDone()) {
      arrival.get();
      return;
    }
    synchronized (this) {
      awaited = arrival;
      seen = progress.getAsLong();
      since = System.nanoTime();
      lookLater();
    }
    try {
      arrival.get();
    } finally {
      synchronized (this) {
        awaited = null;
      }
      arrival.cancel(false);
    }
  }

  private synchronized void lookLater() {
    if (!looking && !closed) {
      looking = true;
      later.execute(this::look);
    }
  }

  private void look() {
    CompletableFuture<Void> stalled = null;
    synchronized (this) {
      looking = false;
      if (awaited == null) {
        return; // the next wait begins to look again
      }
      long now = progress.getAsLong();
      if (now != seen) {
        seen = now;
        since = System.nanoTime();
      } else if (System.nanoTime() - since > patience.toNanos()) {
        stalled = awaited;
      }
      lookLater();
    }
    if (stalled != null) {
      stalled.completeExceptionally(
          new StalledException("nothing arrived for " + patience.toSeconds() + " s"));
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
  }
}
