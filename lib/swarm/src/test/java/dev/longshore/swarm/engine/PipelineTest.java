package dev.longshore.swarm.engine;

import static java.util.concurrent.TimeUnit.MICROSECONDS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How well a single peer's link is filled, and how much waits at its end. */
final class PipelineTest {
  private static final long GIGABIT = 125_000_000;
  private static final int PIECES = 4_000;
  private static final long LINE_TIME =
      SECONDS.toNanos(1) * PIECES * PlayedDownload.PIECE / GIGABIT;

  private final EngineSettings settings = EngineSettings.defaults();

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void onePeer_hundredMillisecondsAndAGigabit_fillsTheLink(boolean reads) {
    PlayedDownload download = new PlayedDownload(PIECES, reads, 1);
    PlayedDownload.Peer peer = download.peer(GIGABIT, MILLISECONDS.toNanos(100));
    long took = download.play();
    assertThat((double) LINE_TIME / took).as("of the link, with the start").isGreaterThan(0.9);
    assertThat(download.busyAnswers).isZero();
    assertThat(download.arrivals).isEqualTo(PIECES);
    assertThat(peer.mostOwed).isLessThanOrEqualTo(settings.maxPipeline());
  }

  @ParameterizedTest
  @ValueSource(longs = {GIGABIT / 10, GIGABIT, 10 * GIGABIT})
  void onePeer_nearby_fillsTheLinkAndQueuesNoMoreThanTheQueueTarget(long rate) {
    PlayedDownload download = new PlayedDownload(PIECES, false, 1);
    PlayedDownload.Peer peer = download.peer(rate, MICROSECONDS.toNanos(300));
    long took = download.play();
    assertThat((double) LINE_TIME * GIGABIT / rate / took).isGreaterThan(0.98);
    double target =
        (double) settings.queueTarget() * rate / SECONDS.toNanos(1) / PlayedDownload.PIECE;
    assertThat((double) peer.mostWaiting)
        .isLessThanOrEqualTo(2 + Math.min(target, settings.maxPipeline() / 2.0));
  }
}
