package dev.longshore.swarm.engine;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.piece.PieceLayout;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class BlobDownloadTest {
  private static final PeerId ALICE = new PeerId(0, 1);
  private static final PeerId BOB = new PeerId(0, 2);
  private static final int PIECE = PieceLayout.MIN_PIECE_SIZE;

  private final EngineSettings settings = EngineSettings.defaults();
  private long now;

  private BlobDownload download(int pieces) {
    return new BlobDownload(
        new PieceLayout((long) pieces * PIECE, PIECE), new BitSet(), settings, new Random(7));
  }

  @Test
  void firstPeerWithEverything_getsTheMinimumPipeline() {
    BlobDownload download = download(100);
    List<Action> actions = download.handle(joined(ALICE, bits(0, 100)), now);
    assertThat(requests(actions)).hasSize(settings.minPipeline());
  }

  @Test
  void peerThatDelivers_getsADeeperPipeline() {
    BlobDownload download = download(1000);
    List<Action> actions = download.handle(joined(ALICE, bits(0, 1000)), now);
    int open = requests(actions).size();
    for (int round = 0; round < 50; round++) {
      int piece = requests(actions).getFirst().piece();
      actions = deliver(download, ALICE, piece, MILLISECONDS.toNanos(2));
      open += requests(actions).size() - 1;
    }
    assertThat(open).isEqualTo(settings.maxPipeline() / 2 + 1);
  }

  @Test
  void reader_getsItsPiecesFirstAndInOrder() {
    BlobDownload download = download(100);
    download.handle(new Event.ReaderAt(1, 40), now);
    List<Action> actions = download.handle(joined(ALICE, bits(0, 100)), now);
    assertThat(requests(actions)).extracting(Action.Request::piece).containsExactly(40, 41);
  }

  @Test
  void reader_leavesAPlaceToTheRarest_atAPeerThatIsDownloadingToo() {
    BlobDownload download = download(100);
    download.handle(new Event.ReaderAt(1, 40), now);
    download.handle(joined(BOB, bits(0, 49)), now);
    List<Action> actions = download.handle(joined(ALICE, bits(0, 50)), now);
    assertThat(requests(actions))
        .containsExactly(new Action.Request(ALICE, 41), new Action.Request(ALICE, 49));
  }

  @Test
  void withoutReader_theRarestPieceIsAskedFirst() {
    BlobDownload download = download(50);
    download.handle(joined(BOB, bits(0, 49)), now);
    List<Action> actions = download.handle(joined(ALICE, bits(0, 50)), now);
    assertThat(requests(actions)).contains(new Action.Request(ALICE, 49));
  }

  @Test
  void piecesNobodyHas_areLeasedAfterTheGraceAndRead() {
    BlobDownload download = download(4);
    assertThat(only(Action.AskLease.class, download.handle(new Event.Tick(), now))).isNull();
    now += settings.sourceGrace();
    Action.AskLease ask = only(Action.AskLease.class, download.handle(new Event.Tick(), now));
    assertThat(ask).isNotNull();
    assertThat(ask.wanted()).isEqualTo(bits(0, 4));
    List<Action> actions =
        download.handle(new Event.LeaseAnswered(bits(1, 3), SECONDS.toNanos(10), 0), now);
    assertThat(actions).contains(new Action.ReadSource(bits(1, 3)));
    int window = Math.toIntExact(settings.sourceWindowBytes() / PIECE);
    assertThat(only(Action.AskLease.class, actions))
        .isEqualTo(new Action.AskLease(bit(0, 3), window - 2));
  }

  @Test
  void leasesOverHalfTheWindow_noMoreAreAskedForUntilHalfIsRead() {
    int window = Math.toIntExact(settings.sourceWindowBytes() / PIECE);
    BlobDownload download = download(3 * window);
    download.handle(new Event.Tick(), now);
    now += settings.sourceGrace();
    download.handle(new Event.Tick(), now);
    download.handle(new Event.LeaseAnswered(bits(0, window), SECONDS.toNanos(10), 0), now);
    for (int piece = 0; piece < window / 2 - 1; piece++) {
      assertThat(
              only(Action.AskLease.class, download.handle(new Event.PieceStored(null, piece), now)))
          .isNull();
    }
    Action.AskLease ask =
        only(
            Action.AskLease.class,
            download.handle(new Event.PieceStored(null, window / 2 - 1), now));
    assertThat(ask).isNotNull();
    assertThat(ask.max()).isEqualTo(window / 2);
  }

  @Test
  void piecesThatAPeerHas_areNotLeased() {
    BlobDownload download = download(4);
    download.handle(joined(ALICE, bits(0, 4)), now);
    now += settings.sourceGrace();
    assertThat(only(Action.AskLease.class, download.handle(new Event.Tick(), now))).isNull();
  }

  @Test
  void leaseDenied_isAskedAgainNotBeforeItsTime() {
    BlobDownload download = download(4);
    download.handle(new Event.Tick(), now);
    now += settings.sourceGrace();
    download.handle(new Event.Tick(), now);
    long retry = MILLISECONDS.toNanos(100);
    download.handle(new Event.LeaseAnswered(new BitSet(), 0, retry), now);
    assertThat(only(Action.AskLease.class, download.handle(new Event.Tick(), now + retry - 1)))
        .isNull();
    assertThat(only(Action.AskLease.class, download.handle(new Event.Tick(), now + retry)))
        .isNotNull();
  }

  @Test
  void peersThatSayTheyHaveItAndSendNothing_areBypassedThroughTheSource() {
    BlobDownload download = download(4);
    download.handle(joined(ALICE, bits(0, 4)), now);
    Action.AskLease ask = only(Action.AskLease.class, pass(download, 2 * settings.stall()));
    assertThat(ask).isNotNull();
    assertThat(ask.wanted()).isEqualTo(bits(0, 4));
  }

  @Test
  void corruptPiece_bansItsSenderAndIsAskedOfAnother() {
    BlobDownload download = download(1);
    List<Action> first = download.handle(joined(ALICE, bits(0, 1)), now);
    assertThat(requests(first)).containsExactly(new Action.Request(ALICE, 0));
    download.handle(joined(BOB, bits(0, 1)), now);
    download.handle(new Event.PieceArrived(ALICE, 0), now);
    List<Action> actions = download.handle(new Event.PieceCorrupt(ALICE, 0), now);
    assertThat(only(Action.Ban.class, actions)).isNotNull();
    assertThat(requests(actions)).containsExactly(new Action.Request(BOB, 0));
  }

  @Test
  void onePiece_isAskedOfTheBrokerAtOnce() {
    assertThat(only(Action.AskLease.class, download(1).handle(new Event.Tick(), now))).isNotNull();
    assertThat(only(Action.AskLease.class, download(2).handle(new Event.Tick(), now))).isNull();
  }

  @Test
  void corruptSource_isGivenUpAfterThreeAndTheDownloadFailsWithTheReason() {
    BlobDownload download = download(1);
    Action.Fail failed = null;
    for (int second = 0; second < 60 && failed == null; second++) {
      now += SECONDS.toNanos(1);
      List<Action> actions = download.handle(new Event.Tick(), now);
      if (only(Action.AskLease.class, actions) != null) {
        download.handle(new Event.LeaseAnswered(bits(0, 1), 0, 0), now);
        download.handle(new Event.PieceArrived(null, 0), now);
        actions = download.handle(new Event.PieceCorrupt(null, 0), now);
      }
      failed = only(Action.Fail.class, actions);
    }
    assertThat(failed).isNotNull();
    assertThat(failed.reason()).contains("do not match the piece map");
    assertThat(download.isOver()).isTrue();
  }

  @Test
  void busyPeer_isLeftAloneUntilItsTime() {
    BlobDownload download = download(1);
    download.handle(joined(ALICE, bits(0, 1)), now);
    List<Action> actions =
        download.handle(new Event.PeerBusy(ALICE, 0, MILLISECONDS.toNanos(50)), now);
    assertThat(requests(actions)).isEmpty();
    now += MILLISECONDS.toNanos(50);
    assertThat(requests(download.handle(new Event.Tick(), now)))
        .containsExactly(new Action.Request(ALICE, 0));
  }

  @Test
  void busyPeer_thatIsReadySooner_isAskedForOnePieceATime() {
    BlobDownload download = download(8);
    download.handle(joined(ALICE, bits(0, 8)), now);
    for (int piece = 0; piece < 8; piece++) {
      download.handle(new Event.PeerBusy(ALICE, piece, SECONDS.toNanos(1)), now);
    }
    List<Action.Request> asked = requests(download.handle(new Event.PeerReady(ALICE), now));
    assertThat(asked).hasSize(1);
    int piece = asked.getFirst().piece();
    assertThat(requests(download.handle(new Event.PieceArrived(ALICE, piece), now))).hasSize(1);
    assertThat(requests(download.handle(new Event.PeerReady(ALICE), now))).hasSize(1);
  }

  @Test
  void busyPeer_thatOwesSomething_isNotAskedForMoreUntilItSends() {
    BlobDownload download = download(8);
    List<Action.Request> asked = requests(download.handle(joined(ALICE, bits(0, 8)), now));
    int refused = asked.getLast().piece();
    assertThat(requests(download.handle(new Event.PeerBusy(ALICE, refused, 1), now))).isEmpty();
    int sent = asked.getFirst().piece();
    assertThat(requests(download.handle(new Event.PieceArrived(ALICE, sent), now))).hasSize(1);
  }

  @Test
  void farPeer_whileThereAreNearOnes_isAskedOnlyForWhatTheyLack() {
    BlobDownload download = download(100);
    for (int neighbour = 10; neighbour < 14; neighbour++) {
      download.handle(joined(new PeerId(0, neighbour), bits(0, 50)), now);
    }
    List<Action.Request> asked = requests(download.handle(farJoined(BOB, bits(0, 100)), now));
    assertThat(asked).isNotEmpty().allMatch(request -> request.peer().equals(BOB));
    assertThat(asked).extracting(Action.Request::piece).allMatch(piece -> piece >= 50);
  }

  @Test
  void farPeer_thatIsAlone_isAskedAtOnce() {
    BlobDownload download = download(100);
    assertThat(requests(download.handle(farJoined(BOB, bits(0, 100)), now)))
        .hasSize(settings.minPipeline());
  }

  @Test
  void farPeer_whenTheNearOnesHaveLeft_isAskedForWhatTheyHad() {
    BlobDownload download = download(20);
    download.handle(joined(ALICE, bits(0, 20)), now);
    for (int neighbour = 10; neighbour < 14; neighbour++) {
      download.handle(joined(new PeerId(0, neighbour), new BitSet()), now);
    }
    assertThat(requests(download.handle(farJoined(BOB, bits(0, 20)), now))).isEmpty();
    int asked = requests(download.handle(new Event.PeerLeft(ALICE), now)).size();
    now += settings.tick();
    asked += requests(download.handle(new Event.Tick(), now)).size();
    assertThat(asked).isEqualTo(settings.minPipeline());
  }

  @Test
  void afterALie_whatOnlyUnprovenPeersHave_isLeasedToo() {
    BlobDownload download = download(10);
    download.handle(joined(ALICE, bits(0, 10)), now);
    download.handle(joined(BOB, bits(0, 10)), now);
    now += settings.sourceGrace();
    assertThat(only(Action.AskLease.class, download.handle(new Event.Tick(), now))).isNull();
    download.handle(new Event.PieceArrived(ALICE, 0), now);
    List<Action> actions = download.handle(new Event.PieceCorrupt(ALICE, 0), now);
    assertThat(only(Action.Ban.class, actions)).isNotNull();
    assertThat(only(Action.AskLease.class, actions)).isNotNull();
  }

  @Test
  void afterALie_aPeerThatSendsAPiece_isBelievedAgain() {
    BlobDownload download = download(10);
    download.handle(joined(ALICE, bits(0, 10)), now);
    download.handle(joined(BOB, bits(0, 10)), now);
    download.handle(new Event.PieceArrived(ALICE, 0), now);
    download.handle(new Event.PieceCorrupt(ALICE, 0), now);
    download.handle(new Event.PieceArrived(BOB, 1), now);
    download.handle(new Event.PieceStored(BOB, 1), now);
    now += settings.sourceGrace();
    assertThat(only(Action.AskLease.class, download.handle(new Event.Tick(), now))).isNull();
  }

  @Test
  void rejectedPiece_isNotAskedOfThatPeerAgain() {
    BlobDownload download = download(2);
    download.handle(joined(ALICE, bits(0, 2)), now);
    List<Action> actions = download.handle(new Event.PeerRejected(ALICE, 0), now);
    assertThat(requests(actions)).isEmpty();
    now += settings.sourceGrace();
    Action.AskLease ask = only(Action.AskLease.class, download.handle(new Event.Tick(), now));
    assertThat(ask).isNotNull();
    assertThat(ask.wanted()).isEqualTo(bits(0, 1));
  }

  @Test
  void peerThatLeaves_hasItsPiecesAskedOfOthers() {
    BlobDownload download = download(1);
    download.handle(joined(ALICE, bits(0, 1)), now);
    download.handle(joined(BOB, bits(0, 1)), now);
    assertThat(requests(download.handle(new Event.PeerLeft(ALICE), now)))
        .containsExactly(new Action.Request(BOB, 0));
  }

  @Test
  void silentPeerAtTheEnd_isHedgedAndTheLoserCancelled() {
    BlobDownload download = download(1);
    download.handle(joined(ALICE, bits(0, 1)), now);
    assertThat(requests(download.handle(joined(BOB, bits(0, 1)), now))).isEmpty();
    now += settings.endgameHedgeAfter();
    assertThat(requests(download.handle(new Event.Tick(), now)))
        .containsExactly(new Action.Request(BOB, 0, true));
    List<Action> actions = deliver(download, BOB, 0, 0);
    assertThat(actions)
        .containsSubsequence(
            new Action.Cancel(ALICE, 0), new Action.AnnounceHave(0, false), new Action.Complete());
  }

  @Test
  void requestsInFlight_staysWithinTheByteBudget() {
    BlobDownload download = download(4096);
    int open = 0;
    for (int peer = 0; peer < 300; peer++) {
      open += requests(download.handle(joined(new PeerId(1, peer), bits(0, 4096)), now)).size();
    }
    assertThat((long) open * PIECE).isEqualTo(settings.maxInFlightBytes());
  }

  @Test
  void nothingFromAnywhere_failsAfterGivingUp() {
    BlobDownload download = refusedDownload();
    Action.Fail fail = only(Action.Fail.class, pass(download, settings.giveUp()));
    assertThat(fail).isNotNull();
    assertThat(fail.reason()).contains("3 of 3 pieces").contains("401 Unauthorized");
  }

  @Test
  void processStoodStill_orTheClockWasSet_isNobodysSilence() {
    BlobDownload download = refusedDownload();
    for (long jump : new long[] {SECONDS.toNanos(3_600), -SECONDS.toNanos(1_800)}) {
      now += jump;
      assertThat(only(Action.Fail.class, download.handle(new Event.Tick(), now))).isNull();
    }
    assertThat(only(Action.Fail.class, pass(download, settings.giveUp() / 8))).isNull();
    assertThat(only(Action.Fail.class, pass(download, settings.giveUp()))).isNotNull();
  }

  @Test
  void hostilePieceNumbers_areIgnored() {
    BlobDownload download = download(2);
    download.handle(joined(ALICE, bits(0, 100)), now);
    download.handle(new Event.PeerHas(ALICE, 2), now);
    download.handle(new Event.PeerHas(ALICE, -1), now);
    download.handle(new Event.PeerRejected(ALICE, 1_000_000), now);
    download.handle(new Event.PeerBusy(ALICE, -5, 1), now);
    download.handle(new Event.LeaseAnswered(bits(0, 500), 0, 0), now);
    assertThat(download.isOver()).isFalse();
  }

  @Test
  void emptyBlob_isCompleteAtOnce() {
    BlobDownload download =
        new BlobDownload(PieceLayout.forSize(0), new BitSet(), settings, new Random(1));
    assertThat(download.handle(new Event.Tick(), now)).containsExactly(new Action.Complete());
  }

  /** Of three pieces, which the source does not give. */
  private BlobDownload refusedDownload() {
    BlobDownload download = download(3);
    download.handle(new Event.Tick(), now);
    now += settings.sourceGrace();
    download.handle(new Event.Tick(), now);
    download.handle(new Event.LeaseAnswered(bits(0, 3), 0, 0), now);
    download.handle(new Event.SourceFailed(bits(0, 3), "401 Unauthorized", true), now);
    return download;
  }

  /** Time passes, with a look at the clock every tick. */
  private List<Action> pass(BlobDownload download, long time) {
    List<Action> actions = new java.util.ArrayList<>();
    long end = now + time;
    while (now < end) {
      now += settings.tick();
      actions.addAll(download.handle(new Event.Tick(), now));
    }
    return actions;
  }

  private List<Action> deliver(BlobDownload download, PeerId from, int piece, long after) {
    now += after;
    List<Action> actions = new java.util.ArrayList<>();
    actions.addAll(download.handle(new Event.PieceArrived(from, piece), now));
    actions.addAll(download.handle(new Event.PieceStored(from, piece), now));
    return actions;
  }

  private static Event joined(PeerId peer, BitSet has) {
    return new Event.PeerJoined(peer, PeerRole.AGENT, false, has);
  }

  private static Event farJoined(PeerId peer, BitSet has) {
    return new Event.PeerJoined(peer, PeerRole.AGENT, true, has);
  }

  private static List<Action.Request> requests(List<Action> actions) {
    return actions.stream()
        .filter(Action.Request.class::isInstance)
        .map(Action.Request.class::cast)
        .toList();
  }

  private static <T extends Action> @Nullable T only(Class<T> type, List<Action> actions) {
    return actions.stream().filter(type::isInstance).map(type::cast).findFirst().orElse(null);
  }

  private static BitSet bits(int from, int to) {
    BitSet bits = new BitSet();
    bits.set(from, to);
    return bits;
  }

  private static BitSet bit(int... pieces) {
    BitSet bits = new BitSet();
    for (int piece : pieces) {
      bits.set(piece);
    }
    return bits;
  }
}
