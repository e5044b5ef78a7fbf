package dev.longshore.bench.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The order of virtual time. */
final class EventQueueTest {
  private final EventQueue queue = new EventQueue(1_000_000_000L);
  private final List<Long> happened = new ArrayList<>();

  private void runAll() {
    while (queue.runNext()) {
      // until nothing is left
    }
  }

  @Test
  void runNext_eventsOfAllDistances_happenInOrderOfTime() {
    long seed = 7;
    Random random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      long time = queue.now() + random.nextLong(1L << random.nextInt(10, 38));
      queue.at(
          time,
          () -> {
            happened.add(queue.now());
            assertThat(queue.now()).isEqualTo(time);
          });
    }
    runAll();
    assertThat(happened).hasSize(10_000).isSorted();
    assertThat(queue.executed()).isEqualTo(10_000);
  }

  @Test
  void runNext_sameTime_happensAsScheduled() {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      int number = i;
      queue.after(50_000_000, () -> order.add(number));
    }
    runAll();
    assertThat(order).hasSize(100).isSorted();
  }

  @Test
  void at_timeOfThePast_isNow() {
    queue.at(3, () -> happened.add(queue.now()));
    runAll();
    assertThat(happened).containsExactly(1_000_000_000L);
  }

  @Test
  void at_fromWithinAnEvent_happensAfterIt() {
    queue.after(
        10,
        () -> {
          queue.after(0, () -> happened.add(queue.now()));
          queue.after(5_000_000_000L, () -> happened.add(queue.now()));
          happened.add(0L);
        });
    runAll();
    assertThat(happened).containsExactly(0L, 1_000_000_010L, 6_000_000_010L);
  }
}
