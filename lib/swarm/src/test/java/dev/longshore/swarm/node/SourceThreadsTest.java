package dev.longshore.swarm.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class SourceThreadsTest {

  @Test
  void execute_moreThanAFew_runsTheRestOnVirtualThreads() throws Exception {
    Queue<Boolean> virtual = new ConcurrentLinkedQueue<>();
    CountDownLatch started = new CountDownLatch(11);
    CountDownLatch end = new CountDownLatch(1);
    try (ExecutorService beyond = Executors.newVirtualThreadPerTaskExecutor();
        SourceThreads threads = new SourceThreads(beyond)) {
      for (int i = 0; i < 11; i++) {
        threads.execute(() -> {
          virtual.add(Thread.currentThread().isVirtual());
          started.countDown();
          try {
            end.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
      }
      started.await();
      end.countDown();
    }
    assertThat(virtual).hasSize(11).containsOnly(true, false);
    assertThat(virtual.stream().filter(each -> each)).hasSize(3);
  }

  @Test
  void close_interruptsReads_andNothingRunsAfterBothHaveEnded() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    ExecutorService beyond = Executors.newVirtualThreadPerTaskExecutor();
    SourceThreads threads = new SourceThreads(beyond);
    threads.execute(() -> {
      started.countDown();
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        interrupted.countDown();
      }
    });
    started.await();
    beyond.shutdownNow();
    threads.close();
    interrupted.await();
    assertThatThrownBy(() -> threads.execute(() -> {}))
        .isInstanceOf(RejectedExecutionException.class);
  }
}
