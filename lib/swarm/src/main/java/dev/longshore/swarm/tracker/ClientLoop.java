package dev.longshore.swarm.tracker;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread that owns the state of a tracker client. Thread-safe. */
final class ClientLoop {
  private static final Logger LOG = LoggerFactory.getLogger(ClientLoop.class);

  private final ScheduledThreadPoolExecutor thread;
  private final AtomicBoolean ended = new AtomicBoolean();

  ClientLoop() {
    thread = new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("tracker-client", true));
    thread.setRemoveOnCancelPolicy(true);
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** Runs a task in its turn; false when the loop has ended: nobody is interested any more. */
  boolean post(Runnable task) {
    if (ended.get()) {
      return false;
    }
    try {
      thread.execute(() -> run(task));
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /** Runs a task after a while; not at all if the loop ends before. */
  void later(Runnable task, Duration delay) {
    try {
      var _ = thread.schedule(() -> run(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("the tracker client ended before a task that was to come later");
    }
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.error("the tracker client failed at a task; it goes on with the next", e);
    }
  }

  /** For those that call back on the loop by themselves. */
  Executor executor() {
    return thread;
  }

  /** Takes no tasks any more; false when that was said before. */
  boolean end() {
    return ended.compareAndSet(false, true);
  }

  /** Runs the last task of a loop that has ended, and waits for it. */
  void runLast(Runnable task) throws InterruptedException {
    try {
      thread.submit(task).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot close the tracker client", e.getCause());
    }
  }

  void shutdown() {
    thread.shutdown();
  }
}
