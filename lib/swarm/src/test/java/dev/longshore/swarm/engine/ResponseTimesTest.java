package dev.longshore.swarm.engine;

import static java.util.concurrent.TimeUnit.DAYS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A quantile of times. */
final class ResponseTimesTest {
  private final ResponseTimes times = new ResponseTimes();

  @Test
  void p90_fewTimes_isUnknown() {
    for (int each = 0; each < 9; each++) {
      times.add(1);
    }
    assertThat(times.p90(-1)).isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 7, 8, 9, 15, 16, 100, 1_000, 60_000, 900_000})
  void p90_oneInTenIsLonger_isTheLongestOfTheRestToAnEighth(long millis) {
    for (int each = 0; each < 100; each++) {
      times.add(MILLISECONDS.toNanos(each % 10 == 0 ? 4 * millis : millis));
    }
    long found = times.p90(-1);
    assertThat(found)
        .isGreaterThan(MILLISECONDS.toNanos(millis))
        .isLessThanOrEqualTo(MILLISECONDS.toNanos(Math.max(millis + 1, millis * 9 / 8 + 1)));
  }

  @Test
  void p90_negativeAndEndlessTimes_areTheShortestAndTheLongest() {
    for (int each = 0; each < 10; each++) {
      times.add(-DAYS.toNanos(1));
    }
    assertThat(times.p90(-1)).isEqualTo(MILLISECONDS.toNanos(1));
    for (int each = 0; each < 1_000; each++) {
      times.add(Long.MAX_VALUE);
    }
    assertThat(times.p90(-1)).isGreaterThan(MILLISECONDS.toNanos(900_000));
  }

  @Test
  void p90_whatWasLongAgo_fades() {
    for (int each = 0; each < 5_000; each++) {
      times.add(MILLISECONDS.toNanos(1_000));
    }
    for (int each = 0; each < 5_000; each++) {
      times.add(MILLISECONDS.toNanos(10));
    }
    assertThat(times.p90(-1)).isLessThan(MILLISECONDS.toNanos(20));
  }
}
