package dev.longshore.tracker;

import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.tracker.TrackerMessage;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** Tells the members of a swarm of each other: at once when one joins, and now and then after. */
final class Introductions {
  private static final long MAX_REFRESH_INTERVAL = 60_000_000_000L;

  private final TrackerPolicy policy;
  private final HandOut handOut;
  private final Consumer<TrackerAction> out;

  /** Swarms of which some member has not been told of the latest arrivals. */
  private final Set<Swarm> changed = new LinkedHashSet<>();

  Introductions(TrackerPolicy policy, RandomGenerator random, Consumer<TrackerAction> out) {
    this.policy = policy;
    this.out = out;
    handOut = new HandOut(policy.farShare(), random);
  }

  /** Tells a newcomer, who is in the swarm now, of members, and a few members of the newcomer. */
  void joined(Membership newcomer, long now) {
    newcomer.refreshInterval = policy.refresh().toNanos();
    newcomer.refreshAt = now + newcomer.refreshInterval;
    newcomer.toldArrivals = newcomer.swarm.arrivals;
    changed.add(newcomer.swarm);
    List<Membership> peers = handOut.peersFor(newcomer, policy.peersToNewcomer());
    if (!newcomer.isComplete()) {
      tell(newcomer, peers);
    }
    // Those who still lack something are who gains from it; a complete one is news to more of them.
    int told = newcomer.isComplete() ? policy.peersToNewcomer() : policy.membersToldOfNewcomer();
    for (Membership member : handOut.membersToTell(newcomer, told)) {
      tell(member, List.of(newcomer));
    }
  }

  /** Tells a member of others, because it asks or has missed what it was told. */
  void tellOfOthers(Membership member) {
    tell(member, handOut.peersFor(member, policy.peersToNewcomer()));
  }

  void tell(Membership to, Collection<Membership> peers) {
    List<PeerAddress> addresses = peers.stream().map(peer -> peer.member.address()).toList();
    if (!addresses.isEmpty()) {
      out.accept(
          new TrackerAction.Send(
              to.member.session, new TrackerMessage.Peers(to.swarm.blob, addresses)));
    }
  }

  /** Tells the members of swarms that grew of more peers, less and less often. */
  void refresh(long now) {
    changed.removeIf(swarm -> refresh(swarm, now));
  }

  /** Returns whether all have been told of all. */
  private boolean refresh(Swarm swarm, long now) {
    boolean allTold = true;
    for (Membership membership : swarm.incomplete()) {
      if (membership.toldArrivals == swarm.arrivals) {
        continue;
      }
      if (now - membership.refreshAt < 0) {
        allTold = false;
      } else {
        membership.toldArrivals = swarm.arrivals;
        membership.refreshInterval = Math.min(2 * membership.refreshInterval, MAX_REFRESH_INTERVAL);
        membership.refreshAt = now + membership.refreshInterval;
        tellOfOthers(membership);
      }
    }
    return allTold;
  }

  /** The last member has left. */
  void forget(Swarm swarm) {
    changed.remove(swarm);
  }

  boolean isIdle() {
    return changed.isEmpty();
  }
}
