package dev.longshore.swarm.node;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Where sources are read: a few threads of the system's, and virtual ones beyond. Thread-safe. */
final class SourceThreads implements AutoCloseable {
  /*
   * A source's bytes come a few packets at a time, some sixty times a second, and each read waits
   * with a time limit. For a virtual thread every such wait wakes four threads: the poller, the
   * timer that the limit is set on, the carrier, and a second carrier that looks for more to do
   * (JDK 25). A thread of the system's wakes one. It costs a stack, so there are few of them.
   */
  private static final int FEW = 8;

  private static final long IDLE_SECONDS = 10;

  private final ThreadPoolExecutor few;

  /**
   * No threads yet.
   *
   * @param beyond runs what the few have no room for; it outlives this
   */
  SourceThreads(ExecutorService beyond) {
    this.few =
        new ThreadPoolExecutor(
            0,
            FEW,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            new DefaultThreadFactory("swarm-source", true),
            (read, _) -> beyond.execute(read));
  }

  /**
   * Runs a read.
   *
   * @throws java.util.concurrent.RejectedExecutionException if the node is closing
   */
  void execute(Runnable read) {
    few.execute(read);
  }

  /** Interrupts the reads that run here. */
  @Override
  public void close() {
    few.shutdownNow();
  }
}
