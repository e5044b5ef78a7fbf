package dev.longshore.swarm.engine;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Second requests for what is late: what they win, and what they cost. */
final class HedgingTest {
  private static final long MB = 1_000_000;
  private static final long NEAR = MILLISECONDS.toNanos(1);
  private static final int PIECES = 400;

  /** Requests that a peer gets in a silence of 4 s. */
  private static final int PROBES = 8;

  /** It owes as many pieces as it may when it falls silent, and gets some more afterwards. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void peerThatFallsSilent_itsPiecesComeFromOthersLongBeforeTheTimeout(boolean reads) {
    long alone = played(reads, Long.MAX_VALUE).play();
    PlayedDownload download = played(reads, alone / 2);
    long took = download.play();
    assertThat(took).isLessThan(2 * alone + SECONDS.toNanos(1));
    assertThat(download.hedges).isPositive();
    assertThat(download.twice).isZero();
  }

  private static PlayedDownload played(boolean reads, long silentFrom) {
    PlayedDownload download = new PlayedDownload(PIECES, reads, 3);
    download.peer(100 * MB, NEAR);
    download.peer(100 * MB, NEAR).silent(silentFrom, Long.MAX_VALUE);
    return download;
  }

  @Test
  void reader_whosePieceASilentPeerOwes_waitsForTheHedgeOnly() {
    PlayedDownload download = played(true, SECONDS.toNanos(1) / 4);
    download.play();
    long longest = 0;
    for (int piece = 1; piece < PIECES; piece++) {
      longest = Math.max(longest, download.storedAt[piece] - download.storedAt[piece - 1]);
    }
    assertThat(longest).isLessThan(MILLISECONDS.toNanos(800));
  }

  /** Pieces wait for hundreds of milliseconds behind others, and none is late. */
  @ParameterizedTest
  @ValueSource(longs = {2 * MB, 10 * MB, 100 * MB})
  void steadyPeers_ofOneRate_areNotHedged(long rate) {
    PlayedDownload download = new PlayedDownload(PIECES, true, 4);
    download.peer(rate, NEAR);
    download.peer(rate, NEAR);
    download.play();
    assertThat(download.hedges).isZero();
    assertThat(download.arrivals).isEqualTo(PIECES);
  }

  @Test
  void steadyPeer_atTheEndOfALongWay_isNotHedged() {
    PlayedDownload download = new PlayedDownload(PIECES, true, 5);
    download.peer(100 * MB, NEAR);
    download.peer(100 * MB, MILLISECONDS.toNanos(200));
    download.play();
    assertThat(download.hedges).isLessThanOrEqualTo(2);
    assertThat(download.twice).isLessThanOrEqualTo(2);
  }

  /** Links of all kinds that stall now and then, and give free what they held back. */
  @ParameterizedTest
  @ValueSource(longs = {31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42})
  void stallingPeers_whatComesTwice_staysWithinTheBudget(long seed) {
    PlayedDownload download = stalling(seed);
    download.play();
    assertThat(download.mostOverBudget).as("seed %d", seed).isLessThanOrEqualTo(0);
    // Nobody can know of pieces that are on a way which stalls; they come once all the same.
    assertThat(download.peers)
        .as("seed %d", seed)
        .allMatch(peer -> peer.twiceAfterSilence <= peer.mostOwed + PROBES);
  }

  @Test
  void stallingPeers_someAreOvertaken() {
    PlayedDownload download = stalling(31);
    download.play();
    assertThat(download.hedges).isPositive();
  }

  @Test
  void sameSeed_sameActions() {
    PlayedDownload one = stalling(50);
    one.play();
    PlayedDownload again = stalling(50);
    again.play();
    assertThat(again.log).isEqualTo(one.log);
  }

  private static PlayedDownload stalling(long seed) {
    Random random = new Random(seed);
    PlayedDownload download = new PlayedDownload(PIECES, random.nextBoolean(), seed);
    for (int peer = 0; peer < 6; peer++) {
      long rate = MB << random.nextInt(7);
      long roundTrip = MILLISECONDS.toNanos(1L << random.nextInt(7));
      long from = random.nextLong(SECONDS.toNanos(2));
      download.peer(rate, roundTrip).silent(from, from + random.nextLong(SECONDS.toNanos(4)));
    }
    return download;
  }
}
