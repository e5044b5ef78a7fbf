package dev.longshore.swarm.engine;

import static java.util.concurrent.TimeUnit.MICROSECONDS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How many requests a peer is worth. */
final class PaceTest {
  private static final int PIECE = PlayedDownload.PIECE;
  private static final long GIGABIT = 125_000_000;

  private final EngineSettings settings = EngineSettings.defaults();
  private final Pace pace = new Pace(PIECE, settings);

  @Test
  void depth_nothingCameYet_isTheMinimum() {
    assertThat(pace.depth()).isEqualTo(settings.minPipeline());
  }

  @Test
  void depth_requestsAreAllThatLimitsTheRate_growsByHalfAtLeast() {
    // Four pieces in a round trip of 100 ms.
    for (int each = 0; each < 4; each++) {
      pace.arrived(PIECE, 0, 0, MILLISECONDS.toNanos(100) + each);
    }
    assertThat(pace.depth()).isBetween(6, 10);
  }

  @Test
  void depth_piecesReadAtOnce_isNotThatOfAnEndlessRate() {
    long sending = SECONDS.toNanos(1) * PIECE / GIGABIT;
    long now = 0;
    for (int round = 0; round < 20; round++) {
      long before = pace.delivered();
      for (int each = 0; each < 4; each++) {
        pace.arrived(PIECE, now, before, now + 4 * sending);
      }
      now += 4 * sending;
    }
    long target = settings.queueTarget() / sending;
    assertThat(pace.depth()).isLessThanOrEqualTo((int) target + 8);
  }

  @Test
  void depth_slowPeerNearby_isTheMinimum() {
    long sending = SECONDS.toNanos(1);
    for (long piece = 0; piece < 10; piece++) {
      pace.arrived(
          PIECE, piece * sending, piece * PIECE, (piece + 1) * sending + MICROSECONDS.toNanos(300));
    }
    assertThat(pace.depth()).isEqualTo(settings.minPipeline());
  }

  @Test
  void depth_clockSetBack_staysWithinItsBounds() {
    pace.arrived(PIECE, SECONDS.toNanos(100), 0, SECONDS.toNanos(50));
    assertThat(pace.depth()).isBetween(settings.minPipeline(), settings.maxPipeline());
  }

  @Test
  void mightBeHere_longWay_isAfterTheWay() {
    pace.arrived(PIECE, 0, 0, 100);
    assertThat(pace.mightBeHere(150)).isEqualTo(250);
    pace.arrived(PIECE, 50, 0, 300);
    assertThat(pace.mightBeHere(150)).as("what was asked for before came at 300").isEqualTo(300);
  }
}
