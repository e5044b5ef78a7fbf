package dev.longshore.swarm.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AllowanceTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** Near the point where a monotonic clock wraps. */
  private static final long START = Long.MAX_VALUE - SECOND;

  private final Allowance allowance = new Allowance(10, 5, START);

  private int take(int wanted, long now) {
    int taken = 0;
    for (int i = 0; i < wanted; i++) {
      taken += allowance.take(now) ? 1 : 0;
    }
    return taken;
  }

  @Test
  void take_atOnce_isBounded() {
    assertThat(take(1_000, START)).isEqualTo(10);
  }

  @Test
  void take_later_isEarnedBySeconds() {
    assertThat(take(10, START)).isEqualTo(10);
    assertThat(take(100, START + SECOND)).isEqualTo(5);
    assertThat(take(100, START + 2 * SECOND)).isEqualTo(5);
  }

  @Test
  void take_afterALongTime_isNoMoreThanAtOnce() {
    assertThat(take(100, START + 3_600 * SECOND)).isEqualTo(10);
  }

  @Test
  void take_slowly_neverEnds() {
    for (int i = 0; i < 1_000; i++) {
      assertThat(allowance.take(START + i * SECOND / 5)).as("%d", i).isTrue();
    }
  }
}
