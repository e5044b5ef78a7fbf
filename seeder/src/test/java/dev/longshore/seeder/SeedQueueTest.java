package dev.longshore.seeder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.SourceRef;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SeedQueueTest {
  private static final SourceRef SOURCE = new SourceRef("r.example", "team/app");

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private @Nullable SeedQueue queue;

  @AfterEach
  void close() {
    if (queue != null) {
      queue.close();
    }
  }

  private SeedQueue start(int parallel, SeedQueue.Fetcher fetcher) {
    SeedQueue started =
        new SeedQueue(parallel, Duration.ofMillis(1), fetcher, new SeederMetrics(meters));
    queue = started;
    return started;
  }

  @Test
  void want_thriceWhileRunning_isFetchedOnce() {
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger fetched = new AtomicInteger();
    SeedQueue started =
        start(
            2,
            blob -> {
              go.await();
              fetched.incrementAndGet();
            });
    started.want(blob(1));
    started.want(blob(1));
    started.want(blob(1));
    go.countDown();
    await().until(() -> state(started).equals(List.of("seeded")));
    assertThat(fetched).hasValue(1);
  }

  @Test
  void want_many_onlyAFewAtATime() {
    Semaphore go = new Semaphore(0);
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    SeedQueue started =
        start(
            3,
            blob -> {
              most.accumulateAndGet(running.incrementAndGet(), Math::max);
              go.acquire();
              running.decrementAndGet();
            });
    for (int i = 0; i < 20; i++) {
      started.want(blob(i));
    }
    await().until(() -> running.get() == 3);
    go.release(20);
    await().until(() -> state(started).stream().allMatch("seeded"::equals));
    assertThat(most).hasValue(3);
  }

  @Test
  void fetch_failsTwice_isTriedAgain() {
    AtomicInteger attempts = new AtomicInteger();
    SeedQueue started =
        start(
            1,
            blob -> {
              if (attempts.incrementAndGet() < 3) {
                throw new IOException("not yet");
              }
            });
    started.want(blob(1));
    await().until(() -> state(started).equals(List.of("seeded")));
    assertThat(attempts).hasValue(3);
    assertThat(meters.get(SeederMetrics.FETCHES).tag("result", "failed").counter().count())
        .isEqualTo(2);
  }

  @Test
  void fetch_alwaysFails_isGivenUpUntilWantedAnew() {
    List<Digest> attempts = new CopyOnWriteArrayList<>();
    SeedQueue started =
        start(
            1,
            blob -> {
              attempts.add(blob.digest());
              throw new IOException("the registry says no");
            });
    started.want(blob(1));
    await().until(() -> state(started).equals(List.of("given_up")));
    assertThat(started.reports().getFirst().lastFailure()).isEqualTo("the registry says no");
    int before = attempts.size();
    started.want(blob(1));
    await().until(() -> attempts.size() > before);
  }

  private static List<String> state(SeedQueue queue) {
    return queue.reports().stream().map(SeedQueue.Report::state).toList();
  }

  private static WantedBlob blob(int i) {
    return new WantedBlob(Digest.sha256(new byte[] {(byte) i}), 1, SOURCE);
  }
}
