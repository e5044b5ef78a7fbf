package dev.longshore.swarm.engine;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.piece.PieceLayout;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Downloads of which only parts are wanted. */
final class WantedPiecesTest {
  private static final PeerId ALICE = new PeerId(0, 1);
  private static final PeerId BOB = new PeerId(0, 2);
  private static final int PIECE = PieceLayout.MIN_PIECE_SIZE;
  private static final int PIECES = 100;

  private final BlobDownload download =
      new BlobDownload(
          new PieceLayout((long) PIECES * PIECE, PIECE),
          new BitSet(),
          EngineSettings.defaults(),
          new Random(1));
  private final BitSet requested = new BitSet();
  private final BitSet leased = new BitSet();
  private final List<Action> all = new ArrayList<>();
  private long now;

  @Test
  void nobodyReads_rests_andNeverGivesUp() {
    handle(new Event.Wanted(false));
    join(ALICE);
    pass(MINUTES.toNanos(10));

    assertThat(requested.isEmpty()).isTrue();
    assertThat(leased.isEmpty()).isTrue();
    assertThat(download.isOver()).isFalse();
  }

  @Test
  void nobodyReads_andThereIsNoPeer_asksNoLease() {
    handle(new Event.Wanted(false));
    pass(MINUTES.toNanos(10));

    assertThat(all).noneMatch(Action.AskLease.class::isInstance);
    assertThat(download.isOver()).isFalse();
  }

  @Test
  void reader_getsItsPieces_andNobodyIsAskedForMore() {
    handle(new Event.Wanted(false));
    join(ALICE);
    handle(new Event.ReaderAt(1, 10, 14));
    deliverAll();
    pass(SECONDS.toNanos(60));

    assertThat(download.stored()).isEqualTo(bits(10, 14));
    assertThat(requested).isEqualTo(bits(10, 14));
    assertThat(leased.isEmpty()).isTrue();
  }

  @Test
  void reader_thatNobodyHasAnythingFor_leasesItsPiecesOnly() {
    handle(new Event.Wanted(false));
    handle(new Event.ReaderAt(1, 10, 14));
    pass(SECONDS.toNanos(1));

    assertThat(leased).isEqualTo(bits(10, 14));
  }

  @Test
  void reader_beyondTheLastPiece_getsWhatThereIs() {
    handle(new Event.Wanted(false));
    join(ALICE);
    handle(new Event.ReaderAt(1, 98));
    deliverAll();

    assertThat(download.stored()).isEqualTo(bits(98, 100));
  }

  @Test
  void readers_thatOverlap_oneLeaves_theOthersPiecesStayWanted() {
    handle(new Event.Wanted(false));
    handle(new Event.ReaderAt(1, 10, 14));
    handle(new Event.ReaderAt(2, 12, 20));
    handle(new Event.ReaderGone(1));
    join(ALICE);
    deliverAll();

    assertThat(download.stored()).isEqualTo(bits(12, 20));
  }

  @Test
  void readerMovesOn_whatItNoLongerNeedsIsNotFetched() {
    handle(new Event.Wanted(false));
    handle(new Event.ReaderAt(1, 10, 14));
    handle(new Event.ReaderAt(1, 50, 52));
    join(ALICE);
    deliverAll();

    assertThat(download.stored()).isEqualTo(bits(50, 52));
  }

  @Test
  void request_isNotAnswered_andNobodyWantsItAnyMore_isNotMadeAgain() {
    handle(new Event.Wanted(false));
    join(ALICE);
    handle(new Event.ReaderAt(1, 10, 11));
    handle(new Event.ReaderGone(1));
    handle(new Event.PeerBusy(ALICE, 10, MILLISECONDS.toNanos(10)));
    int before = requests();
    pass(SECONDS.toNanos(60));

    assertThat(requests()).isEqualTo(before);
  }

  @Test
  void request_isNotAnswered_andSomebodyWantsIt_isMadeAgain() {
    handle(new Event.Wanted(false));
    join(ALICE);
    handle(new Event.ReaderAt(1, 10, 11));
    handle(new Event.PeerBusy(ALICE, 10, MILLISECONDS.toNanos(10)));
    int before = requests();
    pass(SECONDS.toNanos(1));

    assertThat(requests()).isGreaterThan(before);
  }

  @Test
  void whole_isWantedAgain_everythingComes() {
    handle(new Event.Wanted(false));
    join(ALICE);
    handle(new Event.ReaderAt(1, 10, 14));
    deliverAll();
    handle(new Event.Wanted(true));
    deliverAll();

    assertThat(download.stored()).isEqualTo(bits(0, PIECES));
    assertThat(all.getLast()).isInstanceOf(Action.Complete.class);
  }

  @Test
  void whole_isNoLongerWanted_whatWasAskedForComesAndNoMore() {
    join(ALICE);
    BitSet before = (BitSet) requested.clone();
    handle(new Event.Wanted(false));
    deliverAll();

    assertThat(before.isEmpty()).isFalse();
    assertThat(download.stored()).isEqualTo(before);
  }

  @Test
  void whole_byReadersOfAllParts_isComplete() {
    handle(new Event.Wanted(false));
    join(ALICE);
    for (int reader = 0; reader < 10; reader++) {
      handle(new Event.ReaderAt(reader, 10 * reader, 10 * reader + 10));
    }
    deliverAll();

    assertThat(all.getLast()).isInstanceOf(Action.Complete.class);
  }

  @Test
  void reader_afterALongRest_asksPeersAndNotTheSource() {
    handle(new Event.Wanted(false));
    join(ALICE);
    pass(MINUTES.toNanos(5));
    handle(new Event.ReaderAt(1, 10, 12));

    assertThat(requested).isEqualTo(bits(10, 12));
    assertThat(leased.isEmpty()).isTrue();
  }

  @Test
  void reader_whosePeersSayNothing_leasesItsPiecesAfterAWhile() {
    handle(new Event.Wanted(false));
    join(ALICE);
    handle(new Event.ReaderAt(1, 10, 12));
    pass(SECONDS.toNanos(20));

    assertThat(leased).isEqualTo(bits(10, 12));
  }

  @Test
  void reader_whomNobodyHelps_failsAsAnyDownloadDoes() {
    handle(new Event.Wanted(false));
    handle(new Event.ReaderAt(1, 10, 12));
    pass(MINUTES.toNanos(2), false);

    assertThat(all).anyMatch(Action.Fail.class::isInstance);
  }

  /** Readers come, move and go at random; whatever is asked for was wanted then, and comes. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void readers_atRandom_getTheirsAndNothingElseIsAsked(long seed) {
    Random random = new Random(seed);
    Map<Long, BitSet> wanted = new HashMap<>();
    handle(new Event.Wanted(false));
    join(ALICE);
    join(BOB);
    for (int round = 0; round < 300; round++) {
      long reader = random.nextInt(5);
      if (random.nextInt(4) == 0) {
        wanted.remove(reader);
        handle(new Event.ReaderGone(reader));
      } else {
        int first = random.nextInt(PIECES);
        int end = Math.min(PIECES, first + 1 + random.nextInt(8));
        wanted.put(reader, bits(first, end));
        handle(new Event.ReaderAt(reader, first, end));
      }
      if (download.isOver()) {
        return;
      }
      BitSet union = new BitSet();
      wanted.values().forEach(union::or);
      checkAndDeliver(union, random, seed);
      union.andNot(download.stored());
      assertThat(union.isEmpty() || download.isOver()).as("seed %d round %d", seed, round).isTrue();
    }
  }

  private void checkAndDeliver(BitSet union, Random random, long seed) {
    while (!open().isEmpty()) {
      Action.Request request = open().get(random.nextInt(open().size()));
      if (random.nextInt(10) == 0) {
        answered.add(request);
        handle(new Event.PeerRejected(request.peer(), request.piece()));
        handle(new Event.PeerHas(request.peer(), request.piece()));
      } else {
        deliver(request);
      }
      for (Action.Request open : open()) {
        assertThat(union.get(open.piece())).as("seed %d piece %d", seed, open.piece()).isTrue();
      }
    }
  }

  // ---- a peer that delivers

  private final List<Action.Request> answered = new ArrayList<>();

  /** Requests that were neither answered nor cancelled. */
  private List<Action.Request> open() {
    List<Action.Request> open = new ArrayList<>();
    for (Action action : all) {
      switch (action) {
        case Action.Request request -> open.add(request);
        case Action.Cancel cancel ->
            open.removeIf(
                each -> each.peer().equals(cancel.peer()) && each.piece() == cancel.piece());
        default -> {}
      }
    }
    answered.forEach(open::remove);
    return open;
  }

  private void deliverAll() {
    while (!open().isEmpty()) {
      deliver(open().getFirst());
    }
  }

  private void deliver(Action.Request request) {
    answered.add(request);
    now += MILLISECONDS.toNanos(2);
    handle(new Event.PieceArrived(request.peer(), request.piece()));
    handle(new Event.PieceStored(request.peer(), request.piece()));
  }

  private int requests() {
    return Math.toIntExact(all.stream().filter(Action.Request.class::isInstance).count());
  }

  private void join(PeerId peer) {
    handle(new Event.PeerJoined(peer, PeerRole.AGENT, false, bits(0, PIECES)));
  }

  private void pass(long time) {
    pass(time, true);
  }

  /** Lets time pass, tick by tick; leases are granted, and never read. */
  private void pass(long time, boolean grants) {
    long end = now + time;
    while (now < end && !download.isOver()) {
      now += EngineSettings.defaults().tick();
      for (Action action : handle(new Event.Tick())) {
        if (action instanceof Action.AskLease ask) {
          BitSet granted = grants ? ask.wanted() : new BitSet();
          handle(new Event.LeaseAnswered(granted, SECONDS.toNanos(60), SECONDS.toNanos(1)));
        }
      }
    }
  }

  private List<Action> handle(Event event) {
    List<Action> actions = download.handle(event, now);
    for (Action action : actions) {
      all.add(action);
      switch (action) {
        case Action.Request request -> requested.set(request.piece());
        case Action.AskLease ask -> leased.or(ask.wanted());
        default -> {}
      }
    }
    return actions;
  }

  private static BitSet bits(int from, int to) {
    BitSet bits = new BitSet();
    bits.set(from, to);
    return bits;
  }
}
