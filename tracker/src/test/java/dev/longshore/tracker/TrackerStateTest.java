package dev.longshore.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.tracker.MemberMessage;
import dev.longshore.swarm.tracker.TrackerMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class TrackerStateTest {
  private static final long SECOND = 1_000_000_000L;
  private static final SourceRef SOURCE = new SourceRef("registry.example", "library/app");
  private static final Digest X = Digest.sha256("x".getBytes(StandardCharsets.UTF_8));

  private long now = 5 * SECOND;
  private TrackerState state = state(TrackerPolicy.defaults());

  @Test
  void received_beforeHello_closed() {
    handle(new TrackerEvent.Opened(1, "10.0.0.1"));
    assertThat(closeReason(tell(1, new MemberMessage.Withdraw(X)))).contains("expected Hello");
    assertThat(state.isEmpty()).isTrue();
  }

  @Test
  void tick_noHello_closedAfterTimeout() {
    handle(new TrackerEvent.Opened(1, "10.0.0.1"));
    now += 11 * SECOND;
    assertThat(closeReason(handle(new TrackerEvent.Tick()))).contains("no Hello");
  }

  @Test
  void hello_samePeerSameHost_replacesOldSession() {
    member(1, PeerRole.AGENT, "");
    join(1, X);
    handle(new TrackerEvent.Opened(2, "10.0.0.1"));
    List<TrackerAction> actions = tell(2, hello(1, PeerRole.AGENT, ""));
    assertThat(actions).hasSize(1);
    assertThat(closeReason(actions)).contains("replaced");
    assertThat(state.memberCount()).isEqualTo(1);
    assertThat(state.swarms()).isEmpty();
  }

  @Test
  void hello_samePeerOtherHost_refused() {
    member(1, PeerRole.AGENT, "");
    handle(new TrackerEvent.Opened(2, "10.9.9.9"));
    List<TrackerAction> actions = tell(2, hello(1, PeerRole.AGENT, ""));
    assertThat(actions)
        .singleElement()
        .isInstanceOfSatisfying(
            TrackerAction.Close.class, close -> assertThat(close.session()).isEqualTo(2));
  }

  @Test
  void hello_emptyHost_isTheAddressSeen() {
    handle(new TrackerEvent.Opened(1, "10.1.2.3"));
    PeerAddress self = new PeerAddress(new PeerId(0, 1), "", 99, PeerRole.AGENT);
    tell(1, new MemberMessage.Hello(self, ""));
    join(1, X);
    member(2, PeerRole.AGENT, "");
    assertThat(peersTold(join(2, X), 2))
        .singleElement()
        .extracting(PeerAddress::host)
        .isEqualTo("10.1.2.3");
  }

  @Test
  void announce_largeSwarm_holdersFirstAndAFewFarOnesAmongThem() {
    for (int i = 1; i <= 300; i++) {
      member(i, PeerRole.AGENT, i % 2 == 0 ? "r/near/a" : "r/far/a");
      tell(i, new MemberMessage.Announce(X, 100, i <= 10 ? 4 : 1, 4, SOURCE));
    }
    member(1000, PeerRole.AGENT, "r/near/a");
    List<PeerAddress> told = peersTold(join(1000, X), 1000);
    assertThat(told).hasSize(50);
    assertThat(told.subList(0, 10)).allMatch(peer -> peer.id().low() <= 10);
    long far = told.stream().filter(peer -> peer.id().low() % 2 == 1).count();
    assertThat(far).isBetween(6L, 10L); // all five holders, and a few of the others
    assertThat(told).doesNotHaveDuplicates();
  }

  @Test
  void announce_newcomer_aFewMembersAreTold() {
    for (int i = 1; i <= 100; i++) {
      member(i, PeerRole.AGENT, "");
      join(i, X);
    }
    member(1000, PeerRole.AGENT, "");
    Set<Long> told = new HashSet<>();
    for (TrackerAction action : join(1000, X)) {
      if (action instanceof TrackerAction.Send(long session, TrackerMessage.Peers peers)
          && session != 1000) {
        assertThat(peers.peers()).extracting(peer -> peer.id().low()).containsExactly(1000L);
        told.add(session);
      }
    }
    assertThat(told).hasSize(5);
  }

  @Test
  void tick_membersCame_othersAreToldAgain() {
    member(1, PeerRole.AGENT, "");
    join(1, X);
    member(2, PeerRole.AGENT, "");
    join(2, X);
    now += 6 * SECOND;
    assertThat(peersTold(handle(new TrackerEvent.Tick()), 1)).isNotEmpty();
    now += 60 * SECOND;
    assertThat(handle(new TrackerEvent.Tick())).isEmpty();
  }

  @Test
  void countHolders_someHoldIt_theAskerIsNotCounted() {
    Digest unknown = digest(9);
    for (int i = 1; i <= 5; i++) {
      member(i, PeerRole.AGENT, "");
      tell(i, new MemberMessage.Announce(X, 100, i <= 3 ? 4 : 1, 4, SOURCE));
    }
    assertThat(holders(1, X, unknown)).containsExactly(2, 0);
    assertThat(holders(5, X)).containsExactly(3);
    tell(2, new MemberMessage.Withdraw(X));
    assertThat(holders(1, X)).containsExactly(1);
  }

  private List<Integer> holders(long asker, Digest... blobs) {
    List<TrackerAction> actions = tell(asker, new MemberMessage.CountHolders(List.of(blobs)));
    assertThat(actions).hasSize(1);
    TrackerAction.Send send = (TrackerAction.Send) actions.getFirst();
    assertThat(send.session()).isEqualTo(asker);
    return ((TrackerMessage.HolderCounts) send.message())
        .counts().stream().map(TrackerMessage.HolderCount::others).toList();
  }

  @Test
  void request_readByAnother_notGranted() {
    twoMembers();
    BitSet first = granted(request(1, 10, 10));
    assertThat(first.cardinality()).isEqualTo(10);
    assertThat(granted(request(2, 10, 10))).isEqualTo(new BitSet());
  }

  @Test
  void request_otherReadsFromTheStart_middleIsGranted() {
    twoMembers();
    assertThat(granted(request(1, 100, 10))).isEqualTo(range(0, 10));
    assertThat(granted(request(2, 100, 10))).isEqualTo(range(55, 65));
    tell(1, new MemberMessage.LeaseDone(X, range(0, 10)));
    BitSet rest = range(10, 100);
    assertThat(granted(request(1, rest, 10))).isEqualTo(range(10, 20));
  }

  @Test
  void request_readerLeft_grantedAtOnce() {
    twoMembers();
    request(1, 10, 10);
    handle(new TrackerEvent.Ended(1));
    assertThat(granted(request(2, 10, 10)).cardinality()).isEqualTo(10);
  }

  @Test
  void request_readerWithoutProgress_grantedAfterValidity() {
    twoMembers();
    request(1, 10, 10);
    now += 9 * SECOND;
    assertThat(granted(request(2, 10, 10)).isEmpty()).isTrue();
    now += SECOND;
    assertThat(granted(request(2, 10, 10)).cardinality()).isEqualTo(10);
    assertThat(state.counters().leasesExpired).isEqualTo(10);
  }

  @Test
  void request_readerThatTellsItReadsAndFallsSilent_grantedWithinTwoSeconds() {
    twoMembers();
    request(1, 10, 10);
    pass(3 * SECOND, () -> tell(1, new MemberMessage.LeaseHeld(X, range(0, 10))));
    long silentSince = now;
    long retry = TrackerPolicy.defaults().leaseRetry().toNanos();
    while (granted(request(2, 10, 10)).isEmpty()) {
      pass(retry, () -> {});
    }
    assertThat(now - silentSince).isLessThanOrEqualTo(2 * SECOND);
    assertThat(state.counters().leasesExpired).isEqualTo(10);
  }

  @Test
  void request_readerThatIsNeverHeardAfterItsFirstRequest_grantedWithinTwoSeconds() {
    twoMembers();
    tell(1, new MemberMessage.LeaseHeld(X, new BitSet()));
    request(1, 10, 10);
    pass(2 * SECOND, () -> {});
    assertThat(granted(request(2, 10, 10)).cardinality()).isEqualTo(10);
  }

  @Test
  void request_readerThatTellsItReads_keepsItUntilValidityIsOverWithoutProgress() {
    twoMembers();
    request(1, 10, 10);
    Runnable beat = () -> tell(1, new MemberMessage.LeaseHeld(X, range(0, 10)));
    pass(9 * SECOND, beat);
    assertThat(granted(request(2, 10, 10)).isEmpty()).isTrue();
    pass(3 * SECOND, beat);
    assertThat(granted(request(2, 10, 10)).cardinality()).isEqualTo(10);
  }

  @Test
  void request_readerThatTellsItReadsAndTrackerStoodStill_isNotTakenForDead() {
    twoMembers();
    request(1, 10, 10);
    tell(1, new MemberMessage.LeaseHeld(X, range(0, 10)));
    now += 5 * SECOND;
    assertThat(granted(request(2, 10, 10)).isEmpty()).isTrue();
    pass(SECOND, () -> {});
    assertThat(granted(request(2, 10, 10)).isEmpty()).isTrue();
    pass(SECOND, () -> {});
    assertThat(granted(request(2, 10, 10)).cardinality()).isEqualTo(10);
  }

  @Test
  void leaseHeld_silentReaderIsBack_getsBackWhatNobodyHasAskedFor() {
    twoMembers();
    request(1, 10, 10);
    tell(1, new MemberMessage.LeaseHeld(X, range(0, 10)));
    pass(2 * SECOND, () -> {});
    assertThat(granted(request(2, range(0, 4), 10)).cardinality()).isEqualTo(4);
    tell(1, new MemberMessage.LeaseHeld(X, range(0, 10)));
    assertThat(granted(request(2, range(4, 10), 10)).isEmpty()).isTrue();
  }

  @Test
  void request_readerWithProgress_keepsTheRest() {
    twoMembers();
    request(1, 10, 10);
    now += 9 * SECOND;
    tell(1, new MemberMessage.LeaseDone(X, range(0, 1)));
    now += 9 * SECOND;
    assertThat(granted(request(2, range(1, 10), 10)).isEmpty()).isTrue();
  }

  @Test
  void request_whatOnlyOneHoldsThatTheAskerShutOut_isGranted() {
    twoMembers();
    member(3, PeerRole.AGENT, "");
    join(3, X);
    tell(1, new MemberMessage.Announce(X, 100, 4, 4, SOURCE));
    assertThat(granted(request(2, 4, 4)).isEmpty()).isTrue();
    tell(2, new MemberMessage.Distrust(new PeerId(0, 1)));
    List<TrackerAction> answer = request(2, 4, 4);
    assertThat(granted(answer)).isEqualTo(range(0, 4));
    assertThat(peersTold(answer, 2)).isEmpty();
    tell(2, new MemberMessage.LeaseReleased(X, range(0, 4)));
    assertThat(granted(request(3, 4, 4)).isEmpty()).isTrue(); // it has not shut anybody out
  }

  @Test
  void distrust_ofSeveralHosts_isEverybodys() {
    for (int i = 1; i <= 6; i++) {
      handle(new TrackerEvent.Opened(i, "10.0.0." + i));
      tell(i, hello(i, PeerRole.AGENT, ""));
      join(i, X);
    }
    tell(1, new MemberMessage.Announce(X, 100, 4, 4, SOURCE));
    for (int i = 2; i < 2 + Distrust.HOSTS; i++) {
      assertThat(granted(request(6, 4, 4)).isEmpty()).as("said by %d", i - 2).isTrue();
      tell(i, new MemberMessage.Distrust(new PeerId(0, 1)));
      tell(i, new MemberMessage.Distrust(new PeerId(0, 1)));
    }
    assertThat(granted(request(6, 4, 4))).isEqualTo(range(0, 4));
    assertThat(state.counters().membersDistrusted).isEqualTo(1);
    handle(new TrackerEvent.Opened(7, "10.0.0.7"));
    tell(7, hello(7, PeerRole.AGENT, ""));
    assertThat(peersTold(join(7, X), 7)).extracting(peer -> peer.id().low()).doesNotContain(1L);
  }

  @Test
  void distrust_ofOneThatReads_freesWhatItReadAndBelievesNothingMore() {
    for (int i = 1; i <= 5; i++) {
      handle(new TrackerEvent.Opened(i, "10.0.0." + i));
      tell(i, hello(i, PeerRole.AGENT, ""));
      join(i, X);
    }
    assertThat(granted(request(1, 4, 4))).isEqualTo(range(0, 4));
    for (int i = 2; i < 2 + Distrust.HOSTS; i++) {
      tell(i, new MemberMessage.Distrust(new PeerId(0, 1)));
    }
    assertThat(state.members().iterator().next().leasePieces).isZero();
    tell(1, new MemberMessage.LeaseDone(X, range(0, 4)));
    assertThat(granted(request(5, 4, 4))).isEqualTo(range(0, 4));
  }

  @Test
  void request_ofOneWhomNobodyTrusts_nothing() {
    for (int i = 1; i <= 5; i++) {
      handle(new TrackerEvent.Opened(i, "10.0.0." + i));
      tell(i, hello(i, PeerRole.AGENT, ""));
      join(i, X);
    }
    for (int i = 2; i < 2 + Distrust.HOSTS; i++) {
      tell(i, new MemberMessage.Distrust(new PeerId(0, 1)));
    }
    assertThat(granted(request(1, 4, 4)).isEmpty()).isTrue();
    tell(1, new MemberMessage.LeaseHeld(X, range(0, 4)));
    assertThat(granted(request(5, 4, 4))).isEqualTo(range(0, 4));
  }

  @Test
  void distrust_saidOftenByOneHost_orOfNobody_changesNothing() {
    twoMembers();
    tell(1, new MemberMessage.Announce(X, 100, 4, 4, SOURCE));
    member(3, PeerRole.AGENT, "");
    join(3, X);
    for (int i = 0; i < 1000; i++) {
      tell(3, new MemberMessage.Distrust(new PeerId(0, 1)));
      tell(3, new MemberMessage.Distrust(new PeerId(9, i)));
      tell(3, new MemberMessage.Distrust(new PeerId(0, 3)));
    }
    assertThat(granted(request(2, 4, 4)).isEmpty()).isTrue();
  }

  @Test
  void request_doneByAnother_holderIsToldUntilGraceIsOver() {
    twoMembers();
    request(1, 4, 4);
    tell(1, new MemberMessage.LeaseDone(X, range(0, 4)));
    List<TrackerAction> answer = request(2, 4, 4);
    assertThat(granted(answer).isEmpty()).isTrue();
    assertThat(peersTold(answer, 2)).extracting(peer -> peer.id().low()).containsExactly(1L);
    long refused = now;
    while (granted(request(2, 4, 4)).isEmpty()) {
      now += SECOND / 2;
    }
    assertThat(now - refused).isBetween(2 * SECOND, 5 * SECOND);
    assertThat(state.counters().piecesLeasedInSpiteOfHolders).isEqualTo(4);
  }

  @Test
  void request_doneByMemberThatLeft_grantedAtOnce() {
    twoMembers();
    request(1, 4, 4);
    tell(1, new MemberMessage.LeaseDone(X, range(0, 4)));
    tell(1, new MemberMessage.Withdraw(X));
    assertThat(granted(request(2, 4, 4)).cardinality()).isEqualTo(4);
  }

  @Test
  void request_justStarted_nothingUntilSettled() {
    now = 0;
    state = state(TrackerPolicy.defaults());
    twoMembers();
    assertThat(granted(request(1, 4, 4)).isEmpty()).isTrue();
    tell(2, new MemberMessage.LeaseHeld(X, range(0, 2)));
    now += SECOND;
    assertThat(granted(request(1, 4, 4))).isEqualTo(range(2, 4));
  }

  @Test
  void request_released_grantedToAnother() {
    twoMembers();
    request(1, 4, 4);
    tell(1, new MemberMessage.LeaseReleased(X, range(0, 4)));
    assertThat(granted(request(2, 4, 4)).cardinality()).isEqualTo(4);
  }

  @Test
  void request_ofAnothersLease_cannotBeGivenBack() {
    twoMembers();
    request(1, 4, 4);
    tell(2, new MemberMessage.LeaseReleased(X, range(0, 4)));
    assertThat(granted(request(2, 4, 4)).isEmpty()).isTrue();
  }

  @Test
  void request_stranger_nothing() {
    member(1, PeerRole.AGENT, "");
    assertThat(granted(request(1, 4, 4)).isEmpty()).isTrue();
  }

  @Test
  void announce_noSeederHasIt_oneIsCalledAndAnotherWhenItLeaves() {
    member(1, PeerRole.SEEDER, "");
    member(2, PeerRole.SEEDER, "");
    member(3, PeerRole.AGENT, "");
    List<Long> first = called(join(3, X));
    assertThat(first).hasSize(1);
    handle(new TrackerEvent.Ended(first.getFirst()));
    List<Long> second = called(handle(new TrackerEvent.Tick()));
    assertThat(second).hasSize(1).doesNotContainAnyElementsOf(first);
    join(second.getFirst(), X);
    now += 60 * SECOND;
    assertThat(called(handle(new TrackerEvent.Tick()))).isEmpty();
  }

  @Test
  void announce_seederDoesNotCome_theOtherIsCalled() {
    member(1, PeerRole.SEEDER, "");
    member(2, PeerRole.SEEDER, "");
    member(3, PeerRole.AGENT, "");
    List<Long> first = called(join(3, X));
    now += 16 * SECOND;
    assertThat(called(handle(new TrackerEvent.Tick())))
        .hasSize(1)
        .doesNotContainAnyElementsOf(first);
  }

  @Test
  void announce_largerThanSaidBefore_seederIsCalledAgain() {
    member(1, PeerRole.SEEDER, "");
    member(2, PeerRole.AGENT, "");
    member(3, PeerRole.AGENT, "");
    assertThat(called(join(2, X))).containsExactly(1L);
    assertThat(called(tell(3, new MemberMessage.Announce(X, 5_000_000, 0, 0, SOURCE))))
        .containsExactly(1L);
  }

  @Test
  void findMap_lostButSeederHasTheBlob_seederIsCalled() {
    member(1, PeerRole.SEEDER, "");
    tell(1, new MemberMessage.Announce(X, 100, 4, 4, SOURCE));
    member(2, PeerRole.AGENT, "");
    assertThat(called(tell(2, new MemberMessage.FindMap(7, X, 1000)))).containsExactly(1L);
  }

  @Test
  void publishMap_beyondMemory_oldestIsForgotten() {
    state = state(TrackerPolicy.defaults().withMapBytes(100));
    member(1, PeerRole.SEEDER, "");
    for (int i = 0; i < 10; i++) {
      tell(1, new MemberMessage.PublishMap(digest(i), new byte[40]));
    }
    assertThat(state.maps().count()).isEqualTo(2);
    assertThat(state.maps().bytes()).isEqualTo(80);
    assertThat(state.maps().get(digest(9))).isNotNull();
  }

  @Test
  void publishMap_byAnotherWhilePublisherIsHere_firstStays() {
    member(1, PeerRole.SEEDER, "");
    member(2, PeerRole.AGENT, "");
    tell(1, new MemberMessage.PublishMap(X, new byte[] {1}));
    tell(2, new MemberMessage.PublishMap(X, new byte[] {2}));
    assertThat(state.maps().get(X)).containsExactly(1);
    handle(new TrackerEvent.Ended(1));
    tell(2, new MemberMessage.PublishMap(X, new byte[] {2}));
    assertThat(state.maps().get(X)).containsExactly(2);
  }

  @Test
  void findMap_tooMany_closed() {
    member(1, PeerRole.AGENT, "");
    List<TrackerAction> actions = List.of();
    for (int i = 0; i <= 1024 && actions.isEmpty(); i++) {
      actions = tell(1, new MemberMessage.FindMap(i, digest(i), 1000));
    }
    assertThat(closeReason(actions)).contains("1024 piece maps");
    assertThat(state.isEmpty()).isTrue();
  }

  @Test
  void announce_tooMany_closedAndForgotten() {
    member(1, PeerRole.AGENT, "");
    List<TrackerAction> actions = List.of();
    for (int i = 0; i <= 50_000 && actions.isEmpty(); i++) {
      actions = join(1, digest(i));
    }
    assertThat(closeReason(actions)).contains("50000 blobs");
    assertThat(state.isEmpty()).isTrue();
    assertThat(state.counters().sessionsRefused).isEqualTo(1);
  }

  @Test
  void leaseDone_hugeSetsInManyBlobs_closed() {
    member(1, PeerRole.AGENT, "");
    BitSet huge = new BitSet();
    huge.set((1 << 20) - 1);
    List<TrackerAction> actions = List.of();
    for (int i = 0; i < 20 && actions.isEmpty(); i++) {
      join(1, digest(i));
      actions = tell(1, new MemberMessage.LeaseDone(digest(i), huge));
    }
    assertThat(closeReason(actions)).contains("8000000 pieces");
    assertThat(state.isEmpty()).isTrue();
  }

  // Shorthands

  private TrackerState state(TrackerPolicy policy) {
    return new TrackerState(policy, new Random(1), now - (now == 0 ? 0 : 2 * SECOND));
  }

  /** Time passes, with ticks, and before each of them this happens. */
  private void pass(long time, Runnable before) {
    for (long end = now + time; now < end; ) {
      now += Tracker.TICK_MILLIS * 1_000_000;
      before.run();
      handle(new TrackerEvent.Tick());
    }
  }

  private void twoMembers() {
    member(1, PeerRole.AGENT, "");
    join(1, X);
    member(2, PeerRole.AGENT, "");
    join(2, X);
  }

  private void member(long number, PeerRole role, String zone) {
    handle(new TrackerEvent.Opened(number, "10.0.0.1"));
    tell(number, hello(number, role, zone));
  }

  private static MemberMessage hello(long number, PeerRole role, String zone) {
    return new MemberMessage.Hello(
        new PeerAddress(new PeerId(0, number), "10.0.0.1", 1000, role), zone);
  }

  private List<TrackerAction> join(long member, Digest blob) {
    return tell(member, new MemberMessage.Announce(blob, 100, 0, 0, SOURCE));
  }

  private List<TrackerAction> request(long member, int pieces, int max) {
    return request(member, range(0, pieces), max);
  }

  private List<TrackerAction> request(long member, BitSet wanted, int max) {
    return tell(member, new MemberMessage.RequestLease(1, X, wanted, max));
  }

  private List<TrackerAction> tell(long session, MemberMessage message) {
    return handle(new TrackerEvent.Received(session, message));
  }

  private List<TrackerAction> handle(TrackerEvent event) {
    return state.handle(event, now);
  }

  private static BitSet range(int from, int to) {
    BitSet range = new BitSet();
    range.set(from, to);
    return range;
  }

  private static Digest digest(int number) {
    return Digest.sha256(Integer.toString(number).getBytes(StandardCharsets.UTF_8));
  }

  private static BitSet granted(List<TrackerAction> actions) {
    for (TrackerAction action : actions) {
      if (action instanceof TrackerAction.Send(long _, TrackerMessage.LeaseAnswer answer)) {
        return answer.granted();
      }
    }
    throw new AssertionError("no answer in " + actions);
  }

  private static List<PeerAddress> peersTold(List<TrackerAction> actions, long to) {
    List<PeerAddress> told = new ArrayList<>();
    for (TrackerAction action : actions) {
      if (action instanceof TrackerAction.Send(long session, TrackerMessage.Peers peers)
          && session == to) {
        told.addAll(peers.peers());
      }
    }
    return told;
  }

  private static List<Long> called(List<TrackerAction> actions) {
    List<Long> called = new ArrayList<>();
    for (TrackerAction action : actions) {
      if (action instanceof TrackerAction.Send(long session, TrackerMessage.Wanted _)) {
        called.add(session);
      }
    }
    return called;
  }

  private static String closeReason(List<TrackerAction> actions) {
    for (TrackerAction action : actions) {
      if (action instanceof TrackerAction.Close close) {
        return close.reason();
      }
    }
    throw new AssertionError("no close in " + actions);
  }
}
