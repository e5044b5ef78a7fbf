package dev.longshore.agent.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StallWatchTest {
  private static final Duration PATIENCE = Duration.ofMillis(50);

  private final CompletableFuture<Void> arrival = new CompletableFuture<>();

  @Test
  void await_withoutProgress_failsAndEndsTheWait() {
    try (StallWatch watch = new StallWatch(() -> 7, PATIENCE)) {
      assertThatThrownBy(() -> watch.await(arrival))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(StalledException.class);
    }
    assertThat(arrival).isCompletedExceptionally();
  }

  @Test
  void await_longerThanPatienceWithProgress_returns() throws Exception {
    AtomicLong looks = new AtomicLong();
    try (StallWatch watch = new StallWatch(looks::incrementAndGet, PATIENCE)) {
      arrival.completeOnTimeout(null, 4 * PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      watch.await(arrival);
    }
    assertThat(looks.get()).isGreaterThan(2);
  }

  @Test
  void await_oneAfterTheOther_countsEachFromItsBeginning() throws Exception {
    try (StallWatch watch = new StallWatch(() -> 7, PATIENCE)) {
      watch.await(CompletableFuture.completedFuture(null));
      CompletableFuture<Void> second = new CompletableFuture<>();
      second.completeOnTimeout(null, 5, TimeUnit.MILLISECONDS);
      watch.await(second);
      assertThatThrownBy(() -> watch.await(arrival)).hasCauseInstanceOf(StalledException.class);
    }
  }

  @Test
  void await_interrupted_cancelsWhatWasWaitedFor() {
    try (StallWatch watch = new StallWatch(() -> 7, Duration.ofHours(1))) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> watch.await(arrival)).isInstanceOf(InterruptedException.class);
    }
    assertThat(arrival).isCancelled();
  }
}
