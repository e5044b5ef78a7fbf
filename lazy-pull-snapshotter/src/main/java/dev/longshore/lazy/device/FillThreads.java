package dev.longshore.lazy.device;

import dev.longshore.layer.span.SpanReader;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Threads that fetch and inflate what somebody waits for, each with a reader of its own.
 *
 * <p>They are the system's: inflating and writing are native calls, which would hold a virtual
 * thread's carrier. Memory is bounded by their number.
 */
public final class FillThreads implements AutoCloseable {
  private static final int MOST = 16;
  private static final long IDLE_SECONDS = 30;

  private final ThreadPoolExecutor threads;

  private static final class Filler extends Thread {
    private final SpanReader reader = new SpanReader();

    Filler(Runnable work) {
      super(work, "lazy-fill");
      setDaemon(true);
    }

    @Override
    public void run() {
      try (reader) {
        super.run();
      }
    }
  }

  /** At most 16 threads, none of which stays for long without work. */
  public FillThreads() {
    this.threads =
        new ThreadPoolExecutor(
            MOST, MOST, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Filler::new);
    threads.allowCoreThreadTimeOut(true);
  }

  /** Runs this, as soon as a thread is free. */
  void demand(Consumer<SpanReader> fill) {
    threads.execute(() -> fill.accept(((Filler) Thread.currentThread()).reader));
  }

  /** How many fills wait for a thread. */
  public int queued() {
    return threads.getQueue().size();
  }

  /** How many fills run. */
  public int running() {
    return threads.getActiveCount();
  }

  /** Ends the threads; fills that run fail when they next wait. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
