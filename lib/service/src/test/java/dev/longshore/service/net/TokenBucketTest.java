package dev.longshore.service.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TokenBucketTest {

  private static final long SECOND = 1_000_000_000L;

  private static TokenBucket bucket(long rate, long burst, long now) {
    return TokenBucket.of(new RateLimit(rate), burst, now);
  }

  @Test
  void reserve_withinTheBurst_doesNotWait() {
    var bucket = bucket(1_000, 500, 0);
    assertThat(bucket.reserve(300, 0)).isZero();
    assertThat(bucket.reserve(200, 0)).isZero();
    assertThat(bucket.reserve(100, 0)).isEqualTo(SECOND / 10);
  }

  @Test
  void reserve_afterAPause_hasTheBurstAgainAndNoMore() {
    var bucket = bucket(1_000, 500, 0);
    assertThat(bucket.reserve(500, 0)).isZero();
    assertThat(bucket.reserve(501, 100 * SECOND)).isEqualTo(SECOND / 1_000);
  }

  @Test
  void reserve_moreThanTheBurst_waitsInsteadOfStarving() {
    assertThat(bucket(1_000, 100, 0).reserve(4_100, 0)).isEqualTo(4 * SECOND);
  }

  @Test
  void pace_shortWaits_addUpToOne() {
    var bucket = bucket(1_000, 100, 0);
    assertThat(bucket.pace(100, 0)).isZero();
    assertThat(bucket.pace(24, 0)).isZero();
    assertThat(bucket.pace(1, 0)).isEqualTo(SECOND / 40);
  }

  @Test
  void tryReserve_short_takesNothing() {
    var bucket = bucket(1_000, 100, 0);
    assertThat(bucket.tryReserve(101, 0)).isFalse();
    assertThat(bucket.tryReserve(100, 0)).isTrue();
    assertThat(bucket.tryReserve(1, 0)).isFalse();
    assertThat(bucket.tryReserve(1, SECOND / 1_000)).isTrue();
  }

  @Test
  void giveBack_unusedBytes_canBeTakenAgain() {
    var bucket = bucket(1_000, 100, 0);
    assertThat(bucket.reserve(1_100, 0)).isEqualTo(SECOND);
    bucket.giveBack(1_000);
    assertThat(bucket.reserve(500, 0)).isEqualTo(SECOND / 2);
  }

  @Test
  void reserve_unlimited_neverWaits() {
    var bucket = TokenBucket.of(RateLimit.UNLIMITED, 0);
    assertThat(bucket.reserve(Long.MAX_VALUE, 0)).isZero();
    assertThat(bucket.tryReserve(Long.MAX_VALUE, 0)).isTrue();
  }

  @Test
  void reserve_clockThatWraps_isPacedAllTheSame() {
    long now = Long.MAX_VALUE - SECOND / 2;
    var bucket = bucket(1_000, 0, now);
    assertThat(bucket.reserve(1_000, now)).isEqualTo(SECOND);
    assertThat(bucket.reserve(1_000, now + SECOND)).isEqualTo(SECOND);
    assertThat(bucket.reserve(1_000, now + 3 * SECOND)).isEqualTo(SECOND);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void reserve_simulatedFlow_neverExceedsBurstPlusRateAndWastesNothing(long seed) {
    var random = new Random(seed);
    long rate = 1 + random.nextLong(1L << 32);
    long burst = random.nextLong(1 << 22);
    long start = random.nextLong();
    var bucket = bucket(rate, burst, start);
    long now = start;
    double sent = 0;
    for (int i = 0; i < 100_000; i++) {
      long bytes = 1L + random.nextInt(1 << 20);
      now += bucket.reserve(bytes, now); // whoever reserves waits before sending
      sent += bytes;
      double seconds = (now - start) / 1e9;
      assertThat(sent)
          .as("seed %d", seed)
          .isLessThanOrEqualTo(burst + rate * seconds + 1 + i / 1e3);
    }
    // A sender that never pauses gets the whole rate.
    double seconds = (now - start) / 1e9;
    assertThat((sent - burst) / (rate * seconds)).as("seed %d", seed).isCloseTo(1, within(0.001));
  }

  @Test
  void limit_parse_readsRatesAndUnlimited() {
    assertThat(RateLimit.parse("unlimited").isUnlimited()).isTrue();
    assertThat(RateLimit.parse("1KiB/s")).isEqualTo(new RateLimit(1024));
    assertThat(RateLimit.parse("1KiB/s")).hasToString("1KiB/s");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RateLimit.parse("fast"))
        .withMessageContaining("or \"unlimited\"");
  }
}
