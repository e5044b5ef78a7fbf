package dev.longshore.swarm.preheat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.Priority;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.node.SourceDeniedException;
import dev.longshore.swarm.preheat.FetchQueue.Fetch;
import dev.longshore.swarm.preheat.FetchQueue.State;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FetchQueueTest {
  private static final SourceRef SOURCE = new SourceRef("r.example", "team/app");

  private final AtomicInteger succeeded = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();
  private volatile Fetcher fetcher = blob -> {};
  private @Nullable FetchQueue queue;

  @AfterEach
  void close() {
    if (queue != null) {
      queue.close();
    }
  }

  /** Fetches a blob by its number. */
  private interface Fetcher {
    void fetch(int blob) throws IOException, InterruptedException;
  }

  private FetchQueue start(int parallel, Fetcher by) {
    fetcher = by;
    FetchQueue started =
        new FetchQueue(
            parallel,
            6,
            Duration.ofMillis(1),
            new FetchQueue.Listener() {
              @Override
              public void wanted() {}

              @Override
              public void ended(boolean well) {
                (well ? succeeded : failed).incrementAndGet();
              }
            });
    queue = started;
    return started;
  }

  private boolean want(int blob) {
    Digest digest = Digest.sha256(new byte[] {(byte) blob, (byte) (blob >> 8)});
    return java.util.Objects.requireNonNull(queue)
        .want(digest, 1, SOURCE, Priority.PREHEAT, _ -> fetcher.fetch(blob));
  }

  @Test
  void want_thriceWhileRunning_isFetchedOnce() {
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger fetched = new AtomicInteger();
    FetchQueue started =
        start(
            2,
            blob -> {
              go.await();
              fetched.incrementAndGet();
            });
    want(1);
    want(1);
    want(1);
    go.countDown();
    await().until(() -> state(started).equals(List.of(State.DONE)));
    assertThat(fetched).hasValue(1);
  }

  @Test
  void want_many_onlyAFewAtATime() {
    Semaphore go = new Semaphore(0);
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    FetchQueue started =
        start(
            3,
            blob -> {
              most.accumulateAndGet(running.incrementAndGet(), Math::max);
              go.acquire();
              running.decrementAndGet();
            });
    for (int i = 0; i < 20; i++) {
      want(i);
    }
    await().until(() -> running.get() == 3);
    go.release(20);
    await().until(() -> state(started).stream().allMatch(State.DONE::equals));
    assertThat(most).hasValue(3);
  }

  @Test
  void fetch_failsTwice_isTriedAgain() {
    AtomicInteger attempts = new AtomicInteger();
    FetchQueue started =
        start(
            1,
            blob -> {
              if (attempts.incrementAndGet() < 3) {
                throw new IOException("not yet");
              }
            });
    want(1);
    await().until(() -> state(started).equals(List.of(State.DONE)));
    assertThat(attempts).hasValue(3);
    assertThat(failed).hasValue(2);
    assertThat(succeeded).hasValue(1);
  }

  @Test
  void fetch_alwaysFails_isGivenUpUntilWantedAnew() {
    AtomicInteger attempts = new AtomicInteger();
    FetchQueue started =
        start(
            1,
            blob -> {
              attempts.incrementAndGet();
              throw new IOException("the registry says no");
            });
    want(1);
    await().until(() -> state(started).equals(List.of(State.GIVEN_UP)));
    assertThat(started.reports().getFirst().lastFailure()).isEqualTo("the registry says no");
    assertThat(attempts).hasValue(6);
    want(1);
    await().until(() -> attempts.get() > 6);
  }

  @Test
  void fetch_deniedForGood_isNotTriedAgain() {
    AtomicInteger attempts = new AtomicInteger();
    FetchQueue started =
        start(
            1,
            blob -> {
              attempts.incrementAndGet();
              throw new SourceDeniedException("there is no such blob");
            });
    want(1);
    await().until(() -> state(started).equals(List.of(State.GIVEN_UP)));
    assertThat(attempts).hasValue(1);
  }

  @Test
  void want_whileRunningInAnotherWay_isTheWayOfTheNextAttempt() {
    CountDownLatch go = new CountDownLatch(1);
    FetchQueue started =
        start(
            1,
            blob -> {
              go.await();
              throw new IOException("the login is too old");
            });
    want(1);
    await().until(() -> started.running() == 1);
    fetcher = blob -> {};
    want(1);
    go.countDown();
    await().until(() -> state(started).equals(List.of(State.DONE)));
    assertThat(failed).hasValue(1);
  }

  @Test
  void want_tenThousandWait_theNextIsRefusedUntilOneIsDone() {
    Semaphore go = new Semaphore(0);
    FetchQueue started = start(1, blob -> go.acquire());
    for (int i = 0; i < 10_000; i++) {
      assertThat(want(i)).isTrue();
    }
    assertThat(want(10_000)).isFalse();
    assertThat(want(5)).as("one that waits already").isTrue();
    go.release();
    await().until(() -> started.waiting() == 9_998);
    assertThat(want(10_000)).isTrue();
  }

  @Test
  void want_urgentWhilePreheatsTakeAllPlaces_startsAtOnce() {
    CountDownLatch go = new CountDownLatch(1);
    FetchQueue started = start(2, blob -> go.await());
    for (int blob = 0; blob < 10; blob++) {
      want(blob);
    }
    await().until(() -> started.running() == 2);
    CountDownLatch pulled = new CountDownLatch(1);

    started.want(
        Digest.sha256(new byte[] {99}),
        1,
        SOURCE,
        Priority.FOREGROUND,
        _ -> {
          pulled.countDown();
        });

    await().until(() -> pulled.getCount() == 0);
    assertThat(started.running()).isLessThanOrEqualTo(3);
    go.countDown();
    await().until(() -> state(started).stream().allMatch(State.DONE::equals));
  }

  @Test
  void want_urgentlyWhatIsBeingPreheated_raisesIt() {
    CountDownLatch go = new CountDownLatch(1);
    FetchQueue started = start(1, blob -> go.await());
    want(1);
    await().until(() -> started.running() == 1);
    AtomicReference<@Nullable Priority> raised = new AtomicReference<>();
    Fetch urgent =
        new Fetch() {
          @Override
          public void run(Priority priority) {}

          @Override
          public void raise(Priority to) {
            raised.set(to);
          }
        };

    started.want(Digest.sha256(new byte[] {1, 0}), 1, SOURCE, Priority.FOREGROUND, urgent);

    await().until(() -> raised.get() == Priority.FOREGROUND);
    go.countDown();
  }

  private static List<State> state(FetchQueue queue) {
    return queue.reports().stream().map(FetchQueue.Report::state).toList();
  }
}
