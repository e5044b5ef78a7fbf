package dev.longshore.swarm.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.swarm.wire.GoodbyeReason;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LivenessTest {
  private static final SwarmLimits LIMITS = SwarmLimits.defaults();

  /** Near the point where a monotonic clock wraps. */
  private static final long START = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(10);

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Liveness liveness = new Liveness(LIMITS, START);

  private static long after(Duration time) {
    return START + time.toNanos();
  }

  private static @Nullable GoodbyeReason reason(@Nullable Farewell farewell) {
    return farewell == null ? null : farewell.reason();
  }

  private @Nullable GoodbyeReason between(long now) {
    return reason(liveness.check(false, true, now));
  }

  private @Nullable GoodbyeReason midFrame(long now) {
    return reason(liveness.check(true, true, now));
  }

  @Test
  void check_nothingArrives_endsAfterTheSilence() {
    assertThat(between(after(LIMITS.silence()) - 1)).isNull();
    assertThat(between(after(LIMITS.silence()))).isEqualTo(GoodbyeReason.SILENT);
  }

  @Test
  void check_somethingArrives_countsFromThere() {
    liveness.received(1, after(LIMITS.silence()) - 1);
    assertThat(between(after(LIMITS.silence().multipliedBy(2)) - 2)).isNull();
  }

  @Test
  void check_frameStops_endsAfterTheStall() {
    assertThat(midFrame(after(LIMITS.stall()) - 1)).isNull();
    assertThat(midFrame(after(LIMITS.stall()))).isEqualTo(GoodbyeReason.SILENT);
  }

  @Test
  void check_betweenFrames_mayTakeLonger() {
    assertThat(between(after(LIMITS.stall()))).isNull();
    assertThat(midFrame(after(LIMITS.stall().multipliedBy(2)) - 1)).isNull();
  }

  @Test
  void check_frameDrips_endsAfterTheStall() {
    for (long now = START; now - after(LIMITS.stall()) < 0; now += SECOND) {
      liveness.received(1, now);
      assertThat(midFrame(now)).isNull();
    }
    assertThat(midFrame(after(LIMITS.stall()))).isEqualTo(GoodbyeReason.SILENT);
  }

  @Test
  void check_framesComeSlowlyButWhole_goesOn() {
    for (long now = START; now - after(LIMITS.stall().multipliedBy(5)) < 0; now += 10 * SECOND) {
      liveness.received(1, now);
      liveness.progressed(now);
      assertThat(midFrame(now)).isNull();
    }
  }

  @Test
  void check_frameGainsEnough_goesOn() {
    for (long now = START; now - after(LIMITS.stall().multipliedBy(5)) < 0; now += SECOND) {
      liveness.received(Liveness.LEAST_PROGRESS / 10, now);
      assertThat(midFrame(now)).isNull();
    }
  }

  @Test
  void check_paused_blamesNobodyForTheTime() {
    long late = after(Duration.ofHours(1));
    liveness.paused(after(Duration.ofSeconds(1)));
    assertThat(midFrame(late)).isNull();
    liveness.resumed(late);
    assertThat(midFrame(late + LIMITS.stall().toNanos() - SECOND - 1)).isNull();
    assertThat(midFrame(late + LIMITS.stall().toNanos() - SECOND)).isEqualTo(GoodbyeReason.SILENT);
  }

  @Test
  void check_noBlobShared_endsAsIdle() {
    assertThat(between(after(Duration.ofSeconds(1)))).isNull();
    long idle = after(Duration.ofSeconds(1).plus(LIMITS.idle()));
    liveness.received(1, idle);
    assertThat(liveness.check(false, false, idle - 1)).isNull();
    assertThat(reason(liveness.check(false, false, idle))).isEqualTo(GoodbyeReason.IDLE);
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
