package dev.longshore.agent.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SingleFlightTest {
  private final SingleFlight<String, String> flight = new SingleFlight<>();
  private final AtomicInteger runs = new AtomicInteger();
  private final CountDownLatch gate = new CountDownLatch(1);
  private final List<Thread> callers = new ArrayList<>();

  @Test
  void get_manyAtTheSameTime_runsOnceForAll() throws Exception {
    List<FutureTask<String>> answers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      answers.add(call("key"));
    }
    awaitAllWaiting();
    gate.countDown();
    for (FutureTask<String> answer : answers) {
      assertThat(answer.get()).isEqualTo("key 1");
    }
    assertThat(runs).hasValue(1);
  }

  @Test
  void get_otherKey_runsBesideIt() throws Exception {
    FutureTask<String> first = call("key");
    await().until(() -> runs.get() == 1);
    assertThat(flight.get("other", () -> "at once")).isEqualTo("at once");
    gate.countDown();
    assertThat(first.get()).isEqualTo("key 1");
  }

  @Test
  void get_afterTheEnd_runsAnew() throws Exception {
    gate.countDown();
    assertThat(flight.get("key", () -> work("key"))).isEqualTo("key 1");
    assertThat(flight.get("key", () -> work("key"))).isEqualTo("key 2");
  }

  @Test
  void get_failure_isThrownAsItWasAndNotKept() throws Exception {
    assertThatThrownBy(() ->
            flight.get(
                "key",
                () -> {
                  throw new FileNotFoundException("gone");
                }))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessage("gone");
    assertThatThrownBy(() ->
            flight.get(
                "key",
                () -> {
                  throw new IllegalStateException("a bug");
                }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(flight.get("key", () -> "better")).isEqualTo("better");
  }

  @Test
  void get_failure_reachesEverybodyWhoWaits() throws Exception {
    List<FutureTask<String>> answers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      answers.add(
          start(() ->
              flight.get(
                  "key",
                  () -> {
                    runs.incrementAndGet();
                    gate.await();
                    throw new IOException("no route");
                  })));
    }
    awaitAllWaiting();
    gate.countDown();
    for (FutureTask<String> answer : answers) {
      assertThatThrownBy(answer::get).hasRootCauseMessage("no route");
    }
    assertThat(runs).hasValue(1);
  }

  @Test
  void get_firstCallerInterrupted_theOthersStillGetTheResult() throws Exception {
    FutureTask<String> first = call("key");
    await().until(() -> runs.get() == 1);
    FutureTask<String> second = call("key");
    awaitAllWaiting();
    callers.getFirst().interrupt();
    assertThatThrownBy(first::get).hasCauseInstanceOf(InterruptedException.class);
    gate.countDown();
    assertThat(second.get()).isEqualTo("key 1");
  }

  private FutureTask<String> call(String key) {
    return start(() -> flight.get(key, () -> work(key)));
  }

  private FutureTask<String> start(java.util.concurrent.Callable<String> call) {
    FutureTask<String> answer = new FutureTask<>(call);
    callers.add(Thread.ofVirtual().start(answer));
    return answer;
  }

  private String work(String key) throws InterruptedException {
    int run = runs.incrementAndGet();
    gate.await();
    return key + " " + run;
  }

  /** Every caller has joined the run when it waits and the work has begun. */
  private void awaitAllWaiting() {
    await()
        .until(() ->
            runs.get() >= 1
                && callers.stream().allMatch(c -> c.getState() == Thread.State.WAITING));
  }
}
