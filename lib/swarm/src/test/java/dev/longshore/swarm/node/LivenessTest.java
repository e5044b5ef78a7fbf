package dev.longshore.swarm.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.swarm.wire.GoodbyeReason;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LivenessTest {
  private static final SwarmLimits LIMITS = SwarmLimits.defaults();
  private static final Liveness.Doing NOTHING = new Liveness.Doing(false, false, false);
  private static final Liveness.Doing SHARING = new Liveness.Doing(false, false, true);
  private static final Liveness.Doing RECEIVING = new Liveness.Doing(false, true, true);
  private static final Liveness.Doing PAUSED = new Liveness.Doing(true, true, true);

  /** Near the point where a monotonic clock wraps. */
  private static final long START = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(10);

  private final Liveness liveness = new Liveness(LIMITS, START);

  private static long after(Duration time) {
    return START + time.toNanos();
  }

  private static @Nullable GoodbyeReason reason(@Nullable Farewell farewell) {
    return farewell == null ? null : farewell.reason();
  }

  @Test
  void check_nothingArrives_endsAfterTheSilence() {
    assertThat(liveness.check(SHARING, after(LIMITS.silence()) - 1)).isNull();
    assertThat(reason(liveness.check(SHARING, after(LIMITS.silence()))))
        .isEqualTo(GoodbyeReason.SILENT);
  }

  @Test
  void check_somethingArrives_countsFromThere() {
    liveness.received(after(LIMITS.silence()) - 1);
    assertThat(liveness.check(SHARING, after(LIMITS.silence().multipliedBy(2)) - 2)).isNull();
  }

  @Test
  void check_pieceStops_endsAfterTheStall() {
    assertThat(liveness.check(RECEIVING, after(LIMITS.stall()) - 1)).isNull();
    assertThat(liveness.check(SHARING, after(LIMITS.stall()))).isNull();
    assertThat(reason(liveness.check(RECEIVING, after(LIMITS.stall()))))
        .isEqualTo(GoodbyeReason.SILENT);
  }

  @Test
  void check_paused_blamesNobodyForSilence() {
    long late = after(Duration.ofHours(1));
    assertThat(liveness.check(PAUSED, late)).isNull();
    liveness.resumed(late);
    assertThat(liveness.check(RECEIVING, late + LIMITS.stall().toNanos() - 1)).isNull();
  }

  @Test
  void check_noBlobShared_endsAsIdle() {
    assertThat(liveness.check(SHARING, after(Duration.ofSeconds(1)))).isNull();
    long idle = after(Duration.ofSeconds(1).plus(LIMITS.idle()));
    liveness.received(idle);
    assertThat(liveness.check(NOTHING, idle - 1)).isNull();
    assertThat(reason(liveness.check(NOTHING, idle))).isEqualTo(GoodbyeReason.IDLE);
  }

  @Test
  void keepAliveIsDue_nothingSent_isTrueInTime() {
    assertThat(liveness.keepAliveIsDue(after(LIMITS.keepAlive()) - 1)).isFalse();
    assertThat(liveness.keepAliveIsDue(after(LIMITS.keepAlive()))).isTrue();
    liveness.sent(after(LIMITS.keepAlive()));
    assertThat(liveness.keepAliveIsDue(after(LIMITS.keepAlive()) + 1)).isFalse();
  }

  @Test
  void interval_anyLimits_isShorterThanThePatience() {
    assertThat(Liveness.interval(LIMITS))
        .isEqualTo(Duration.ofMillis(3_750))
        .isLessThan(LIMITS.stall());
  }
}
