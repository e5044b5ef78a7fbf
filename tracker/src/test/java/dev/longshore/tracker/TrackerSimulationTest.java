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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many members against one state, on a simulated clock; every run is its seed. */
final class TrackerSimulationTest {
  private static final long MILLI = 1_000_000L;
  private static final long STEP = 50 * MILLI;
  private static final int PIECES = 400;
  private static final int WINDOW = 4;
  private static final Digest BLOB = Digest.sha256("blob".getBytes(StandardCharsets.UTF_8));
  private static final SourceRef SOURCE = new SourceRef("registry.example", "library/app");

  private final Map<Long, SimulatedMember> members = new LinkedHashMap<>();
  private final Map<PeerId, SimulatedMember> byId = new LinkedHashMap<>();
  private Random random = new Random();
  private TrackerState state = new TrackerState(TrackerPolicy.defaults(), random, 0);
  private long now;
  private long sessions;
  private int sourceReads;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void coldStart_everybodyAtOnce_sourceIsReadAboutOnce(long seed) {
    start(seed);
    for (int i = 0; i < 60; i++) {
      come();
    }
    runUntilComplete(seed, 300_000 * MILLI);
    assertThat(sourceReads).as("seed %s", seed).isBetween(PIECES, PIECES * 105 / 100);
    everybodyLeaves(seed);
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15})
  void churn_membersDieSilentlyOrLeave_othersGoOnWithinTheBound(long seed) {
    start(seed);
    for (int i = 0; i < 40; i++) {
      come();
    }
    int died = 0;
    for (int step = 0; step < 200; step++) {
      step();
      if (step % 10 == 0) {
        SimulatedMember victim = anyone();
        // Half of them hang: the session stays, and only the lease's validity tells.
        if (random.nextBoolean()) {
          victim.hung = true;
        } else {
          leave(victim);
        }
        died++;
        come();
      }
    }
    runUntilComplete(seed, 300_000 * MILLI);
    // Whoever goes takes with him what only he had: at most what he had read and was reading.
    assertThat(sourceReads)
        .as("seed %s, %s died", seed, died)
        .isGreaterThanOrEqualTo(PIECES)
        .isLessThan(2 * PIECES);
    everybodyLeaves(seed);
  }

  /** As of a machine that was suspended, or whose clock is set. */
  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24, 25})
  void clockJumps_everybodyEndsAndNothingIsLeft(long seed) {
    start(seed);
    for (int i = 0; i < 40; i++) {
      come();
    }
    for (int jump = 0; jump < 6; jump++) {
      for (int step = 0; step < 20; step++) {
        step();
        state.swarms().forEach(this::checkLeases);
      }
      now += random.nextLong(-5_000, 3_600_000) * MILLI;
    }
    runUntilComplete(seed, 300_000 * MILLI);
    assertThat(sourceReads).as("seed %s", seed).isLessThan(2 * PIECES);
    everybodyLeaves(seed);
  }

  private void start(long seed) {
    random = new Random(seed);
    state = new TrackerState(TrackerPolicy.defaults(), random, 0);
    now = 2_000 * MILLI;
  }

  private void come() {
    SimulatedMember member = new SimulatedMember(++sessions);
    members.put(member.session, member);
    byId.put(member.id, member);
    deliver(state.handle(new TrackerEvent.Opened(member.session, "10.0.0.1"), now));
    member.tell(
        new MemberMessage.Hello(new PeerAddress(member.id, "h", 1, PeerRole.AGENT), "r/z/k"));
    member.announce();
  }

  private void leave(SimulatedMember member) {
    members.remove(member.session);
    byId.remove(member.id);
    members.values().forEach(other -> other.peers.remove(member));
    deliver(state.handle(new TrackerEvent.Ended(member.session), now));
  }

  private SimulatedMember anyone() {
    List<SimulatedMember> all = new ArrayList<>(members.values());
    return all.get(random.nextInt(all.size()));
  }

  private void step() {
    now += STEP;
    if (now / MILLI % 200 == 0) {
      deliver(state.handle(new TrackerEvent.Tick(), now));
    }
    for (SimulatedMember member : List.copyOf(members.values())) {
      member.step();
    }
  }

  private void runUntilComplete(long seed, long limit) {
    long end = now + limit;
    while (members.values().stream().anyMatch(member -> !member.hung && !member.isComplete())) {
      assertThat(now).as("stuck, seed %s", seed).isLessThan(end);
      step();
      state.swarms().forEach(this::checkLeases);
    }
  }

  /** No piece is leased to two members. */
  private void checkLeases(Swarm swarm) {
    BitSet leased = new BitSet();
    for (Membership membership : swarm.members()) {
      LeaseShare share = membership.leases;
      if (share != null) {
        assertThat(leased.intersects(share.reading)).isFalse();
        leased.or(share.reading);
      }
    }
    assertThat(swarm.leases.readingCount()).isEqualTo(leased.cardinality());
  }

  private void everybodyLeaves(long seed) {
    List.copyOf(members.values()).forEach(this::leave);
    assertThat(state.isEmpty()).as("seed %s: something is left", seed).isTrue();
  }

  private void deliver(List<TrackerAction> actions) {
    for (TrackerAction action : actions) {
      if (action instanceof TrackerAction.Send(long session, TrackerMessage message)) {
        SimulatedMember to = members.get(session);
        if (to != null) {
          to.received(message);
        }
      } else {
        throw new AssertionError("nobody broke a rule, but " + action);
      }
    }
  }

  /** Reads a leased piece a step from the source, and takes one from a connected peer. */
  private final class SimulatedMember {
    final long session;
    final PeerId id = PeerId.random(random);
    final Set<SimulatedMember> peers = new HashSet<>();
    final BitSet held = new BitSet();
    final BitSet leased = new BitSet();
    boolean hung;
    boolean asking;
    long askAt;

    SimulatedMember(long session) {
      this.session = session;
    }

    boolean isComplete() {
      return held.cardinality() == PIECES;
    }

    void tell(MemberMessage message) {
      deliver(state.handle(new TrackerEvent.Received(session, message), now));
    }

    void announce() {
      tell(new MemberMessage.Announce(BLOB, 1 << 20, held.cardinality(), PIECES, SOURCE));
    }

    void received(TrackerMessage message) {
      switch (message) {
        case TrackerMessage.Peers m ->
            m.peers().stream().map(peer -> byId.get(peer.id())).forEach(this::connect);
        case TrackerMessage.LeaseAnswer m -> {
          leased.or(m.granted());
          asking = false;
          askAt = now + m.retryAfterMillis() * MILLI;
        }
        case TrackerMessage.MapFound m -> throw new AssertionError("nobody asked for a map");
        case TrackerMessage.HolderCounts m -> throw new AssertionError("nobody asked: " + m);
        case TrackerMessage.Wanted m -> throw new AssertionError("there is no seeder");
      }
    }

    private void connect(SimulatedMember peer) {
      if (peer != null && peer != this && peers.size() < 30) {
        peers.add(peer);
        peer.peers.add(this);
      }
    }

    void step() {
      if (hung || isComplete()) {
        return;
      }
      takeFromPeer();
      readFromSource();
      askForLease();
      if (random.nextInt(10) == 0 || isComplete()) {
        announce();
      }
    }

    private void takeFromPeer() {
      BitSet offered = new BitSet();
      peers.stream().filter(peer -> !peer.hung).forEach(peer -> offered.or(peer.held));
      offered.andNot(held);
      offered.andNot(leased);
      if (!offered.isEmpty()) {
        int from = offered.nextSetBit(random.nextInt(PIECES));
        held.set(from >= 0 ? from : offered.nextSetBit(0));
      }
    }

    private void readFromSource() {
      int piece = leased.nextSetBit(0);
      if (piece >= 0) {
        leased.clear(piece);
        held.set(piece);
        sourceReads++;
        BitSet done = new BitSet();
        done.set(piece);
        tell(new MemberMessage.LeaseDone(BLOB, done));
      }
    }

    private void askForLease() {
      if (asking || now < askAt || leased.cardinality() >= WINDOW) {
        return;
      }
      BitSet wanted = new BitSet();
      wanted.set(0, PIECES);
      wanted.andNot(held);
      wanted.andNot(leased);
      peers.stream().filter(peer -> !peer.hung).forEach(peer -> wanted.andNot(peer.held));
      if (!wanted.isEmpty()) {
        asking = true;
        tell(new MemberMessage.RequestLease(now, BLOB, wanted, WINDOW - leased.cardinality()));
      }
    }
  }
}
