package dev.longshore.swarm.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.Priority;
import dev.longshore.swarm.engine.RequestScheduler.Seat;
import dev.longshore.swarm.engine.RequestTurns.Answer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RequestSchedulerTest {
  private static final long RATE = 20_000_000;
  private static final int PIECE = 256 << 10;
  private static final long STEP = TimeUnit.MILLISECONDS.toNanos(1);

  private final PeerId peer = PeerId.random(new Random(1));
  private long now;
  private long members;

  /** A download that asks one peer of its own for pieces for ever, and what comes of it. */
  private final class Greedy {
    final Seat seat;
    final PeerId from;
    final int piece;
    final int pipeline;
    final Deque<Integer> open = new ArrayDeque<>();
    long asked;

    Greedy(RequestScheduler scheduler, Priority priority, int piece, int pipeline) {
      this.seat = scheduler.join(priority);
      this.from = PeerId.random(new Random(++members));
      this.piece = piece;
      this.pipeline = pipeline;
    }

    void turn() {
      while (open.size() < pipeline && seat.ask(from, piece, now) == Answer.YES) {
        open.add(piece);
        asked += piece;
      }
      seat.askedAll(now);
    }

    /** Everything that was asked for arrives. */
    void deliver() {
      while (!open.isEmpty()) {
        seat.over(from, open.remove(), true, now);
      }
    }
  }

  /** Lets downloads ask for so long; what they asked for arrives at once. */
  private void run(RequestScheduler scheduler, long seconds, List<Greedy> downloads) {
    Map<Seat, Greedy> bySeat = new HashMap<>();
    downloads.forEach(each -> bySeat.put(each.seat, each));
    long end = now + TimeUnit.SECONDS.toNanos(seconds);
    downloads.forEach(Greedy::turn);
    while (now < end) {
      now += STEP;
      for (Seat seat = scheduler.nextCall(now); seat != null; seat = scheduler.nextCall(now)) {
        Greedy called = bySeat.get(seat);
        assertThat(called).isNotNull();
        called.turn();
      }
      downloads.forEach(Greedy::deliver);
      downloads.stream().filter(each -> each.pipeline < Integer.MAX_VALUE).forEach(Greedy::turn);
    }
  }

  @Test
  void ask_alone_getsTheWholeRate() {
    RequestScheduler scheduler = new RequestScheduler(RATE, now);
    Greedy one = new Greedy(scheduler, Priority.FOREGROUND, PIECE, 64);

    run(scheduler, 10, List.of(one));

    assertThat((double) one.asked / (10 * RATE)).isCloseTo(1.0, within(0.03));
  }

  @Test
  void ask_blobsOfOneClass_getTheSameShareWhateverTheirPieces() {
    RequestScheduler scheduler = new RequestScheduler(RATE, now);
    List<Greedy> blobs = new ArrayList<>();
    for (int each = 0; each < 5; each++) {
      blobs.add(new Greedy(scheduler, Priority.FOREGROUND, PIECE << each, 8 + 20 * each));
    }

    run(scheduler, 60, blobs);

    double share = 60.0 * RATE / blobs.size();
    assertThat(blobs).allSatisfy(blob -> assertThat(blob.asked / share).isBetween(0.9, 1.1));
  }

  @Test
  void ask_preheatBesideForeground_costsItAFewPercentAndIsNotStarved() {
    RequestScheduler scheduler = new RequestScheduler(RATE, now);
    Greedy preheat = new Greedy(scheduler, Priority.PREHEAT, PIECE, 64);
    Greedy pull = new Greedy(scheduler, Priority.FOREGROUND, PIECE, 64);
    run(scheduler, 2, List.of(preheat));
    long before = preheat.asked;

    run(scheduler, 30, List.of(preheat, pull));

    assertThat((double) pull.asked / (30 * RATE)).isGreaterThan(0.96);
    assertThat((double) (preheat.asked - before) / (30 * RATE)).isBetween(0.02, 0.04);
  }

  @Test
  void ask_fourClasses_aboveBeforeBelow() {
    RequestScheduler scheduler = new RequestScheduler(RATE, now);
    List<Greedy> classes = new ArrayList<>();
    for (Priority priority : Priority.values()) {
      classes.add(new Greedy(scheduler, priority, PIECE, 64));
    }

    run(scheduler, 60, classes);

    assertThat((double) classes.getFirst().asked / (60 * RATE)).isGreaterThan(0.9);
    assertThat(classes)
        .allSatisfy(each -> assertThat((double) each.asked / (60 * RATE)).isGreaterThan(0.02));
  }

  @Test
  void ask_foregroundThatCannotUseIt_leavesTheRestToThePreheat() {
    RequestScheduler scheduler = new RequestScheduler(RATE, now);
    Greedy preheat = new Greedy(scheduler, Priority.PREHEAT, PIECE, 64);
    Greedy pull = new Greedy(scheduler, Priority.FOREGROUND, PIECE, 64);
    // The pull's only peer sends nothing any more: all it may ask has been asked.
    while (pull.open.size() < 4) {
      assertThat(pull.seat.ask(pull.from, PIECE, now)).isEqualTo(Answer.YES);
      pull.open.add(PIECE);
    }
    pull.seat.askedAll(now);

    run(scheduler, 10, List.of(preheat));

    assertThat((double) preheat.asked / (10 * RATE)).isGreaterThan(0.94);
  }

  @Test
  void ask_blobWhosePeersAreSlow_holdsUpNoOther() {
    RequestScheduler scheduler = new RequestScheduler(RATE, now);
    Greedy slow = new Greedy(scheduler, Priority.FOREGROUND, PIECE, 16);
    Greedy quick = new Greedy(scheduler, Priority.FOREGROUND, PIECE, 64);
    slow.turn(); // and none of it arrives

    run(scheduler, 10, List.of(quick));

    assertThat((double) quick.asked / (10 * RATE)).isGreaterThan(0.94);
  }

  @Test
  void raiseOrLower_preheatThatIsPulledNow_getsAnEqualShare() {
    RequestScheduler scheduler = new RequestScheduler(RATE, now);
    Greedy preheat = new Greedy(scheduler, Priority.PREHEAT, PIECE, 64);
    Greedy pull = new Greedy(scheduler, Priority.FOREGROUND, PIECE, 64);
    run(scheduler, 5, List.of(preheat, pull));
    long before = preheat.asked;

    preheat.seat.raiseOrLower(Priority.FOREGROUND);
    run(scheduler, 10, List.of(preheat, pull));

    assertThat((double) (preheat.asked - before) / (10 * RATE)).isCloseTo(0.5, within(0.03));
  }

  @Test
  void over_thatDidNotArrive_isPaidBack() {
    RequestScheduler scheduler = new RequestScheduler(RATE, now);
    Seat seat = scheduler.join(Priority.FOREGROUND);
    int refused = 0;
    for (int each = 0; each < 1_000; each++) {
      if (seat.ask(peer, PIECE, now) == Answer.YES) {
        seat.over(peer, PIECE, false, now);
      } else {
        refused++;
      }
    }

    assertThat(refused).isZero();
  }

  @Test
  void ask_peerThatOwesSomethingMoreUrgent_isLeftAloneUntilItHasComeAndThenCalled() {
    RequestScheduler scheduler = new RequestScheduler(Long.MAX_VALUE, now);
    Seat pull = scheduler.join(Priority.FOREGROUND);
    Seat preheat = scheduler.join(Priority.PREHEAT);
    assertThat(pull.ask(peer, PIECE, now)).isEqualTo(Answer.YES);

    assertThat(preheat.ask(peer, PIECE, now)).isEqualTo(Answer.NOT_THERE);
    assertThat(preheat.ask(PeerId.random(new Random(2)), PIECE, now)).isEqualTo(Answer.YES);
    assertThat(scheduler.nextCall(now)).isNull();

    pull.over(peer, PIECE, true, now);
    assertThat(scheduler.nextCall(now)).isSameAs(preheat);
    assertThat(preheat.ask(peer, PIECE, now)).isEqualTo(Answer.YES);
    assertThat(pull.ask(peer, PIECE, now)).isEqualTo(Answer.YES);
  }

  @Test
  void ask_peerThatIsAlwaysBusyWithTheUrgent_givesTheOtherAThirtySecond() {
    RequestScheduler scheduler = new RequestScheduler(Long.MAX_VALUE, now);
    Seat pull = scheduler.join(Priority.FOREGROUND);
    Seat preheat = scheduler.join(Priority.PREHEAT);
    assertThat(pull.ask(peer, PIECE, now)).isEqualTo(Answer.YES);
    int asked = 0;
    for (int piece = 0; piece < 3_200; piece++) {
      now += STEP;
      assertThat(pull.ask(peer, PIECE, now)).isEqualTo(Answer.YES);
      pull.over(peer, PIECE, true, now);
      if (preheat.ask(peer, PIECE, now) == Answer.YES) {
        asked++;
        preheat.over(peer, PIECE, true, now);
      }
    }

    assertThat(asked).isBetween(90, 110);
  }

  @Test
  void ask_peerThatIsStuckWithTheUrgent_givesTheOtherOnePieceASecond() {
    RequestScheduler scheduler = new RequestScheduler(Long.MAX_VALUE, now);
    assertThat(scheduler.join(Priority.FOREGROUND).ask(peer, PIECE, now)).isEqualTo(Answer.YES);
    Seat preheat = scheduler.join(Priority.PREHEAT);
    int asked = 0;
    for (int step = 0; step < 10_050; step++) {
      now += STEP;
      asked += preheat.ask(peer, PIECE, now) == Answer.YES ? 1 : 0;
    }

    assertThat(asked).isEqualTo(10);
  }

  @Test
  void askSource_whileTheUrgentReadIt_waitsAndIsCalled() {
    RequestScheduler scheduler = new RequestScheduler(Long.MAX_VALUE, now);
    Seat pull = scheduler.join(Priority.FOREGROUND);
    Seat preheat = scheduler.join(Priority.PREHEAT);
    assertThat(pull.askSource(4 * PIECE, now)).isTrue();
    assertThat(preheat.askSource(4 * PIECE, now)).isFalse();

    pull.sourceOver(3 * PIECE, true, now);
    assertThat(scheduler.nextCall(now)).isNull();
    pull.sourceOver(PIECE, true, now);
    assertThat(scheduler.nextCall(now)).isSameAs(preheat);
    assertThat(preheat.askSource(4 * PIECE, now)).isTrue();
  }

  @Test
  void leave_ofTheUrgent_callsWhoWaitedForIt() {
    RequestScheduler scheduler = new RequestScheduler(Long.MAX_VALUE, now);
    Seat pull = scheduler.join(Priority.FOREGROUND);
    Seat preheat = scheduler.join(Priority.PREHEAT);
    assertThat(pull.ask(peer, PIECE, now)).isEqualTo(Answer.YES);
    assertThat(preheat.ask(peer, PIECE, now)).isEqualTo(Answer.NOT_THERE);

    pull.leave();

    assertThat(scheduler.nextCall(now)).isSameAs(preheat);
    assertThat(scheduler.isAnyoneWaiting()).isFalse();
  }

  @Test
  void nextCallAt_whenTheRateIsUsedUp_isWhenThereIsCreditAgain() {
    RequestScheduler scheduler = new RequestScheduler(RATE, now);
    Seat seat = scheduler.join(Priority.FOREGROUND);
    while (seat.ask(peer, PIECE, now) == Answer.YES) {
      seat.over(peer, PIECE, true, now);
    }
    seat.askedAll(now);
    assertThat(scheduler.nextCall(now)).isNull();
    long next = scheduler.nextCallAt(now);
    assertThat(next).isBetween(now + 1, now + PIECE * 1_000_000_000L / RATE + 2);

    now = next;

    assertThat(scheduler.nextCall(now)).isSameAs(seat);
    assertThat(seat.ask(peer, PIECE, now)).isEqualTo(Answer.YES);
  }
}
