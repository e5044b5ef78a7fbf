package dev.longshore.bench.sim;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.engine.Event;
import dev.longshore.swarm.tracker.MemberMessage;
import dev.longshore.swarm.tracker.SelfGrant;
import dev.longshore.swarm.tracker.TrackerMessage;
import dev.longshore.tracker.TrackerCore;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** The tracker, the way to it, and what nodes do when it is gone (see LeaseRequests). */
final class SimTracker implements TrackerCore.Outbox {
  /** LeaseRequests.OUTAGE: so long without a tracker, and a member decides for itself. */
  private static final long OUTAGE = SECONDS.toNanos(2);

  private static final long OWN_VALIDITY = SECONDS.toNanos(30);

  private record Ask(SimDownload download, BitSet wanted, int max) {}

  private final Simulation simulation;
  private final EventQueue events;
  private final TrackerCore core;
  private final Map<Long, Ask> asks = new LinkedHashMap<>();
  private long lastAsk;
  private boolean dead;
  private long diedAt;

  SimTracker(Simulation simulation, SplittableRandom random) {
    this.simulation = simulation;
    this.events = simulation.events();
    this.core = new TrackerCore(random, 0, this);
    tick();
  }

  private void tick() {
    if (!dead) {
      core.tick(events.now());
      events.after(TrackerCore.TICK_NANOS, this::tick);
    }
  }

  void die() {
    dead = true;
    diedAt = events.now();
    List<Ask> open = new ArrayList<>(asks.values());
    asks.clear();
    open.forEach(ask -> events.after(OUTAGE, () -> decideAlone(ask)));
  }

  // ---- what members tell; each message takes its time to get here

  void joined(SimNode node) {
    reach(() -> core.opened(node.index(), "host" + node.index(), events.now()));
    tell(node, new MemberMessage.Hello(node.address(), node.zoneLabel()));
  }

  void left(SimNode node) {
    reach(() -> core.ended(node.index(), events.now()));
  }

  void announce(SimDownload download, int held) {
    SimBlob blob = download.blob();
    tell(
        download.node(),
        new MemberMessage.Announce(
            blob.digest(), blob.layout().size(), held, blob.pieces(), SimBlob.SOURCE));
  }

  void done(SimDownload download, BitSet pieces) {
    tell(download.node(), new MemberMessage.LeaseDone(download.blob().digest(), pieces));
  }

  void released(SimDownload download, BitSet pieces) {
    tell(download.node(), new MemberMessage.LeaseReleased(download.blob().digest(), pieces));
  }

  void distrust(SimNode node, PeerId peer) {
    tell(node, new MemberMessage.Distrust(peer));
  }

  void ask(SimDownload download, BitSet wanted, int max) {
    Ask ask = new Ask(download, (BitSet) wanted.clone(), max);
    if (dead) {
      events.at(diedAt + OUTAGE, () -> decideAlone(ask));
      return;
    }
    long request = ++lastAsk;
    asks.put(request, ask);
    tell(
        download.node(),
        new MemberMessage.RequestLease(request, download.blob().digest(), ask.wanted, max));
  }

  private void tell(SimNode node, MemberMessage message) {
    reach(() -> core.received(node.index(), message, events.now()));
  }

  private void reach(Runnable delivery) {
    events.after(
        simulation.plan().near(),
        () -> {
          if (!dead) {
            delivery.run();
          }
        });
  }

  private static void decideAlone(Ask ask) {
    SelfGrant.Choice choice = ask.download.grantMyself(ask.wanted, ask.max);
    ask.download.leaseAnswered(
        new Event.LeaseAnswered(choice.pieces(), OWN_VALIDITY, choice.retryAfter()));
  }

  // ---- what the tracker tells

  @Override
  public void send(long session, TrackerMessage message) {
    SimNode node = simulation.node((int) session);
    events.after(simulation.plan().near(), () -> received(node, message));
  }

  @Override
  public void close(long session, String reason) {
    simulation.tally().trackerRefusals++;
  }

  private void received(SimNode node, TrackerMessage message) {
    switch (message) {
      case TrackerMessage.Peers m ->
          node.told(m.blob(), m.peers().stream().map(PeerAddress::id).toList());
      case TrackerMessage.LeaseAnswer m -> {
        Ask ask = asks.remove(m.request());
        if (ask != null) {
          ask.download.leaseAnswered(
              new Event.LeaseAnswered(
                  m.granted(),
                  MILLISECONDS.toNanos(m.validityMillis()),
                  MILLISECONDS.toNanos(m.retryAfterMillis())));
        }
      }
      case TrackerMessage.MapFound m -> throw new AssertionError("nobody asked for a map: " + m);
      case TrackerMessage.HolderCounts m -> throw new AssertionError("nobody asked: " + m);
      case TrackerMessage.Wanted m -> throw new AssertionError("there is no seeder: " + m);
    }
  }
}
