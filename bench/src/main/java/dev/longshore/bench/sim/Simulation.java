package dev.longshore.bench.sim;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** A swarm that pulls an image, from its beginning to its end. */
final class Simulation {
  /** When nodes begin: the tracker has been there for a while. */
  private static final long START = SECONDS.toNanos(60);

  /** No swarm that works takes so long. */
  private static final long MOST = SECONDS.toNanos(3600);

  /** Events between two looks at the wall clock. */
  private static final int EVENTS_A_LOOK = 1 << 16;

  private final SimPlan plan;
  private final SplittableRandom random;
  private final EventQueue events = new EventQueue(START);
  private final Tally tally = new Tally();
  private final List<SimBlob> blobs = new ArrayList<>();
  private final List<SimNode> nodes = new ArrayList<>();
  private final SimTracker tracker;
  private final SimSource source;

  /** Nodes that have to become complete, and have not. */
  private int unfinished;

  Simulation(SimPlan plan) {
    this.plan = plan;
    this.random = new SplittableRandom(plan.seed());
    for (int layer = plan.layersHeld(); layer < plan.layers(); layer++) {
      blobs.add(SimBlob.of(layer - plan.layersHeld(), plan.size() / plan.layers()));
    }
    this.tracker = new SimTracker(this, random.split());
    this.source = new SimSource(this);
  }

  /**
   * Runs until every honest node that has not gone away is complete.
   *
   * @param look called now and then
   */
  SimResult run(Consumer<Simulation> look) {
    for (int i = 0; i < plan.nodes(); i++) {
      boolean holder = i < plan.holders();
      boolean poisoner = !holder && random.nextDouble() < plan.poisoners();
      add(
          i < plan.seeders() ? PeerRole.SEEDER : PeerRole.AGENT,
          holder,
          poisoner,
          holder || poisoner ? START : START + arrival());
    }
    if (plan.trackerDies() >= 0) {
      events.at(START + plan.trackerDies(), tracker::die);
    }
    long looks = 0;
    while (unfinished > 0 && tally.failures == 0 && now() < MOST && events.runNext()) {
      if (++looks % EVENTS_A_LOOK == 0) {
        look.accept(this);
      }
    }
    return SimResult.of(this);
  }

  private long arrival() {
    return plan.arrival() == 0 ? 0 : random.nextLong(plan.arrival());
  }

  private void add(PeerRole role, boolean holder, boolean poisoner, long starts) {
    boolean slow = random.nextDouble() < plan.slow();
    PeerId id = new PeerId(random.nextLong(), nodes.size());
    SimNode node =
        new SimNode(
            this,
            id,
            role,
            nodes.size() % plan.zones(),
            slow ? Math.max(1, plan.rate() / 10) : plan.rate());
    nodes.add(node);
    events.at(starts, () -> node.start(holder, poisoner));
    if (!holder && !poisoner) {
      unfinished++;
      if (random.nextDouble() < plan.churn()) {
        events.at(starts + random.nextLong(Math.max(1, plan.lineTime())), () -> replace(node));
      }
    }
  }

  private void replace(SimNode node) {
    if (node.duration() < 0) {
      node.leave();
      unfinished--;
      add(PeerRole.AGENT, false, false, events.now());
    }
  }

  void completed() {
    unfinished--;
  }

  SimPlan plan() {
    return plan;
  }

  EventQueue events() {
    return events;
  }

  Tally tally() {
    return tally;
  }

  SimTracker tracker() {
    return tracker;
  }

  SimSource source() {
    return source;
  }

  /** The layers that have to be pulled. */
  List<SimBlob> blobs() {
    return blobs;
  }

  List<SimNode> nodes() {
    return nodes;
  }

  SimNode node(int index) {
    return nodes.get(index);
  }

  SimNode node(PeerId id) {
    return nodes.get((int) id.low());
  }

  /** Nanoseconds since the nodes began. */
  long now() {
    return events.now() - START;
  }

  /**
   * What part of all pieces each node had that pulled, in ascending order.
   *
   * @param at nanoseconds since the nodes began
   */
  double[] progress(long at) {
    double all = blobs.stream().mapToInt(SimBlob::pieces).sum();
    return nodes.stream()
        .filter(node -> node.duration() > 0)
        .mapToDouble(node -> node.storedUntil(START + at) / all)
        .sorted()
        .toArray();
  }

  int unfinished() {
    return unfinished;
  }

  /** How many of the poisoners, or of the others, somebody has shut out. */
  long bannedOf(boolean poisoners) {
    return nodes.stream()
        .filter(node -> node.poisons() == poisoners)
        .filter(node -> nodes.stream().anyMatch(other -> other.hasBanned(node)))
        .count();
  }

  SplittableRandom newRandom() {
    return random.split();
  }

  /** Nanoseconds that a message takes. */
  long latency(SimNode one, SimNode other) {
    return one.zone() == other.zone() ? plan.near() : plan.far();
  }
}
