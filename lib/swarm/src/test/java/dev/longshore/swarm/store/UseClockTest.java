package dev.longshore.swarm.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class UseClockTest {
  private static final long YEAR = 365L * 86_400_000;

  private long machine = 50 * YEAR;
  private final UseClock clock = new UseClock(() -> Instant.ofEpochMilli(machine), 10 * YEAR);

  @Test
  void use_machineIsRight_isItsTime() {
    assertThat(clock.use()).isEqualTo(machine);
    machine += 5;
    assertThat(clock.now()).isEqualTo(machine);
    assertThat(clock.use()).isEqualTo(machine);
  }

  @Test
  void use_machineStandsStill_isLaterEachTime() {
    assertThat(clock.use()).isEqualTo(machine);
    assertThat(clock.use()).isEqualTo(machine + 1);
    assertThat(clock.use()).isEqualTo(machine + 2);
  }

  @Test
  void use_machineJumpsForthAndBack_isLaterEachTime() {
    long before = clock.use();
    machine += YEAR;
    long ahead = clock.use();
    machine -= YEAR;
    long after = clock.use();
    assertThat(ahead).isGreaterThan(before);
    assertThat(after).isEqualTo(ahead + 1);
    assertThat(clock.now()).isEqualTo(after);
  }

  @Test
  void use_knownUseIsAhead_goesOnFromThere() {
    UseClock reopened = new UseClock(() -> Instant.ofEpochMilli(machine), machine + YEAR);
    assertThat(reopened.use()).isEqualTo(machine + YEAR + 1);
    machine += 2 * YEAR;
    assertThat(reopened.use()).isEqualTo(machine);
  }
}
