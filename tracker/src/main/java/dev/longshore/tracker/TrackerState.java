package dev.longshore.tracker;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.Zone;
import dev.longshore.swarm.tracker.MemberMessage;
import dev.longshore.swarm.tracker.TrackerMessage;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * All that a tracker knows and decides, as a pure state machine; times are nanoseconds of any
 * monotonic clock. Not thread-safe.
 */
final class TrackerState {
  private final TrackerPolicy policy;
  private final long startedAt;
  private final Heartbeats heartbeats;
  private final Introductions introductions;
  private final MapShelf maps;
  private final SeedCalls seedCalls;
  private final TrackerCounters counters = new TrackerCounters();
  private final Map<Long, Member> members = new LinkedHashMap<>();
  private final Map<PeerId, Member> byPeer = new HashMap<>();
  private final Set<Member> silent = new LinkedHashSet<>(); // no Hello yet, oldest first
  private final Map<Digest, Swarm> swarms = new HashMap<>();
  private final Set<Swarm> leased = new LinkedHashSet<>();
  private long memberships;
  private List<TrackerAction> out = new ArrayList<>();

  TrackerState(TrackerPolicy policy, RandomGenerator random, long now) {
    this.policy = policy;
    this.startedAt = now;
    heartbeats = new Heartbeats(policy, now);
    introductions = new Introductions(policy, random, this::act);
    maps = new MapShelf(policy.maxMapBytes());
    seedCalls = new SeedCalls(policy);
  }

  /** Takes an event; the actions are to be done in their order. */
  List<TrackerAction> handle(TrackerEvent event, long now) {
    out = new ArrayList<>();
    heartbeats.look(now);
    switch (event) {
      case TrackerEvent.Opened e -> opened(e, now);
      case TrackerEvent.Received e -> {
        Member member = members.get(e.session());
        if (member != null) {
          received(member, e.message(), now);
        }
      }
      case TrackerEvent.MissedPeers e -> {
        Member member = members.get(e.session());
        Membership membership = member == null ? null : member.blobs.get(e.blob());
        if (membership != null) {
          introductions.tellOfOthers(membership);
        }
      }
      case TrackerEvent.Ended e -> {
        Member member = members.get(e.session());
        if (member != null) {
          forget(member);
        }
      }
      case TrackerEvent.Tick e -> tick(now);
    }
    return out;
  }

  private void opened(TrackerEvent.Opened event, long now) {
    if (members.size() >= policy.maxMembers()) {
      counters.sessionsRefused++;
      act(
          new TrackerAction.Close(
              event.session(),
              "this tracker has its " + policy.maxMembers() + " members; ask another one"));
      return;
    }
    Member member = new Member(event.session(), event.remoteHost(), now);
    members.put(event.session(), member);
    silent.add(member);
  }

  private void received(Member member, MemberMessage message, long now) {
    heartbeats.heard(member, now);
    if (message instanceof MemberMessage.Hello hello) {
      greet(member, hello);
      return;
    }
    if (!member.hasGreeted()) {
      refuse(member, "expected Hello first, found " + message.getClass().getSimpleName());
      return;
    }
    switch (message) {
      case MemberMessage.Hello m -> throw new AssertionError("handled above");
      case MemberMessage.Announce m -> announce(member, m, now);
      case MemberMessage.Withdraw m -> withdraw(member, m.blob());
      case MemberMessage.FindMap m -> findMap(member, m, now);
      case MemberMessage.PublishMap m -> publishMap(member, m);
      case MemberMessage.RequestLease m -> requestLease(member, m, now);
      case MemberMessage.CountHolders m -> countHolders(member, m);
      case MemberMessage.Distrust m -> distrust(member, m.peer());
      case MemberMessage.LeaseDone m ->
          withLeases(member, m.blob(), m.pieces(), (ms, set) -> ms.swarm.leases.done(ms, set, now));
      case MemberMessage.LeaseReleased m ->
          withLeases(member, m.blob(), m.pieces(), (ms, set) -> ms.swarm.leases.release(ms, set));
      case MemberMessage.LeaseHeld m -> {
        if (!member.distrust.isGeneral()) {
          withLeases(member, m.blob(), m.pieces(), (ms, set) -> ms.swarm.leases.hold(ms, set, now));
        }
      }
    }
  }

  private void greet(Member member, MemberMessage.Hello hello) {
    PeerAddress self = hello.self();
    if (member.hasGreeted()) {
      refuse(member, "a second Hello");
      return;
    }
    Member before = byPeer.get(self.id());
    if (before != null && !before.remoteHost.equals(member.remoteHost)) {
      refuse(member, "another member from " + before.remoteHost + " has peer id " + self.id());
      return;
    }
    if (before != null) {
      refuse(before, "replaced by a newer session of the same member");
    }
    String host = self.host().isEmpty() ? member.remoteHost : self.host();
    member.greet(
        new PeerAddress(self.id(), host, self.port(), self.role()), Zone.parse(hello.zone()));
    silent.remove(member);
    byPeer.put(self.id(), member);
    if (member.isSeeder()) {
      seedCalls.joined(member);
    }
  }

  private void announce(Member member, MemberMessage.Announce m, long now) {
    Membership membership = member.blobs.get(m.blob());
    if (membership != null) {
      membership.swarm.progress(membership, m.held(), m.pieces());
      seedCalls.changed(membership.swarm);
      return;
    }
    if (member.blobs.size() >= policy.maxBlobsPerMember()) {
      refuse(member, "more than " + policy.maxBlobsPerMember() + " blobs announced");
      return;
    }
    if (memberships >= policy.maxMemberships()) {
      refuse(member, "this tracker is full: " + memberships + " announcements");
      return;
    }
    Swarm swarm =
        swarms.computeIfAbsent(
            m.blob(),
            blob -> new Swarm(blob, m.size(), m.source(), new LeaseTable(policy, heartbeats)));
    if (m.size() > swarm.size) {
      swarm.size = m.size();
      seedCalls.unassign(swarm); // a seeder that was told less may have let it be
    }
    membership = new Membership(member, swarm);
    membership.progress(m.held(), m.pieces());
    member.blobs.put(m.blob(), membership);
    memberships++;
    swarm.add(membership);
    introductions.joined(membership, now);
    seedCalls.changed(swarm);
    callSeeders(now);
  }

  private void withdraw(Member member, Digest blob) {
    Membership membership = member.blobs.remove(blob);
    if (membership != null) {
      leave(membership);
    }
  }

  private void leave(Membership membership) {
    Swarm swarm = membership.swarm;
    forgetLeases(membership);
    swarm.remove(membership);
    memberships--;
    seedCalls.changed(swarm);
    if (swarm.isEmpty()) {
      swarms.remove(swarm.blob);
      introductions.forget(swarm);
      leased.remove(swarm);
    }
  }

  private static void forgetLeases(Membership membership) {
    if (membership.leases != null) {
      membership.member.leasePieces -= membership.leases.length();
    }
    membership.swarm.leases.leave(membership);
  }

  private void findMap(Member member, MemberMessage.FindMap m, long now) {
    byte[] map = maps.get(m.blob());
    if (map != null) {
      counters.findsAnswered++;
      send(member, new TrackerMessage.MapFound(m.request(), map));
      return;
    }
    if (m.waitMillis() == 0) {
      counters.findsEmpty++;
      send(member, new TrackerMessage.MapFound(m.request(), new byte[0]));
      return;
    }
    if (member.finds.size() >= policy.maxFindsPerMember()) {
      refuse(member, "more than " + policy.maxFindsPerMember() + " piece maps waited for");
      return;
    }
    boolean first = !maps.isAwaited(m.blob());
    long wait = Math.min(m.waitMillis() * 1_000_000L, policy.maxFindWait().toNanos());
    member.finds.add(maps.await(member.session, m.request(), m.blob(), now + wait));
    Swarm swarm = swarms.get(m.blob());
    if (first && swarm != null) {
      seedCalls.callForMap(swarm, this::callSeeder);
    }
  }

  private void countHolders(Member member, MemberMessage.CountHolders m) {
    List<TrackerMessage.HolderCount> counts = new ArrayList<>();
    for (Digest blob : m.blobs()) {
      Swarm swarm = swarms.get(blob);
      counts.add(
          new TrackerMessage.HolderCount(blob, swarm == null ? 0 : swarm.holdersBeside(member)));
    }
    send(member, new TrackerMessage.HolderCounts(counts));
  }

  private void distrust(Member member, PeerId peer) {
    Member other = byPeer.get(peer);
    if (other == null || other == member || !member.distrust.shutOut(peer)) {
      return;
    }
    if (other.distrust.saidBy(member.remoteHost)) {
      counters.membersDistrusted++;
      // What it is reading it may never bring.
      other.blobs.values().forEach(TrackerState::forgetLeases);
    }
  }

  private void publishMap(Member member, MemberMessage.PublishMap m) {
    counters.mapsPublished++;
    maps.put(m.digest(), m.signedMap(), member.session, members::containsKey);
    byte[] map = maps.get(m.digest());
    if (map != null) {
      maps.takeFinds(m.digest()).forEach(find -> answer(find, map));
    }
  }

  private void answer(MapShelf.Find find, byte[] map) {
    Member member = members.get(find.session());
    if (member != null) {
      member.finds.remove(find);
      if (map.length == 0) {
        counters.findsEmpty++;
      } else {
        counters.findsAnswered++;
      }
      send(member, new TrackerMessage.MapFound(find.request(), map));
    }
  }

  private void requestLease(Member member, MemberMessage.RequestLease m, long now) {
    boolean settling = now - startedAt < policy.leaseSettle().toNanos();
    BitSet granted = new BitSet();
    // What one whom nobody trusts reads comes to nobody, and others would wait for it.
    if (!settling && !member.distrust.isGeneral()) {
      withLeases(
          member,
          m.blob(),
          m.wanted(),
          (membership, wanted) -> {
            LeaseTable.Grant grant =
                membership.swarm.leases.grant(membership, wanted, m.max(), now);
            granted.or(grant.pieces());
            counters.piecesLeased += grant.fresh();
            counters.piecesLeasedInSpiteOfHolders += grant.inSpiteOfHolders();
            introductions.tell(membership, grant.holders());
          });
    }
    if (members.containsKey(member.session)) {
      send(
          member,
          new TrackerMessage.LeaseAnswer(
              m.request(),
              granted,
              Math.toIntExact(policy.leaseValidity().toMillis()),
              Math.toIntExact(policy.leaseRetry().toMillis())));
    }
  }

  @FunctionalInterface
  private interface LeaseChange {
    void apply(Membership membership, BitSet pieces);
  }

  /** Applies a change for a member of the swarm whose leases take no more memory than allowed. */
  private void withLeases(Member member, Digest blob, BitSet pieces, LeaseChange change) {
    Membership membership = member.blobs.get(blob);
    if (membership == null) {
      return; // it crossed our forgetting the blob, or its Withdraw
    }
    int growth = LeaseTable.share(membership).grow(pieces.length());
    member.leasePieces += growth;
    if (member.leasePieces > policy.maxPiecesPerMember()) {
      refuse(member, "leases in blobs of more than " + policy.maxPiecesPerMember() + " pieces");
      return;
    }
    change.apply(membership, pieces);
    counters.leasesExpired += membership.swarm.leases.takeExpired();
    if (membership.swarm.leases.hasReaders()) {
      leased.add(membership.swarm);
    }
  }

  private void tick(long now) {
    for (Member member : List.copyOf(silent)) {
      if (now - member.openedAt < policy.helloTimeout().toNanos()) {
        break;
      }
      refuse(member, "no Hello within " + policy.helloTimeout().toSeconds() + " s");
    }
    maps.takeDue(now).forEach(find -> answer(find, new byte[0]));
    leased.removeIf(swarm -> {
      swarm.leases.expire(now);
      counters.leasesExpired += swarm.leases.takeExpired();
      return !swarm.leases.hasReaders();
    });
    introductions.refresh(now);
    callSeeders(now);
  }

  private void callSeeders(long now) {
    seedCalls.call(now, this::callSeeder);
  }

  private void callSeeder(TrackerAction call) {
    counters.seedCalls++;
    act(call);
  }

  /** Ends a session whose member broke a rule or has a newer one. */
  private void refuse(Member member, String reason) {
    counters.sessionsRefused++;
    forget(member);
    act(new TrackerAction.Close(member.session, reason));
  }

  private void forget(Member member) {
    members.remove(member.session);
    silent.remove(member);
    if (member.hasGreeted()) {
      byPeer.remove(member.address().id(), member);
    }
    List.copyOf(member.blobs.values()).forEach(this::leave);
    member.blobs.clear();
    if (member.isSeeder()) {
      seedCalls.left(member);
    }
    member.finds.forEach(maps::cancel);
    member.finds.clear();
  }

  private void send(Member to, TrackerMessage message) {
    act(new TrackerAction.Send(to.session, message));
  }

  private void act(TrackerAction action) {
    out.add(action);
  }

  // For metrics, /debug and tests

  TrackerCounters counters() {
    return counters;
  }

  MapShelf maps() {
    return maps;
  }

  int memberCount() {
    return members.size();
  }

  Collection<Member> members() {
    return members.values();
  }

  long membershipCount() {
    return memberships;
  }

  int leasedCount() {
    return leased.stream().mapToInt(swarm -> swarm.leases.readingCount()).sum();
  }

  Collection<Swarm> swarms() {
    return swarms.values();
  }

  @Nullable Swarm swarm(Digest blob) {
    return swarms.get(blob);
  }

  /** Whether anything at all is remembered of anybody but published maps. */
  boolean isEmpty() {
    return members.isEmpty()
        && byPeer.isEmpty()
        && silent.isEmpty()
        && swarms.isEmpty()
        && introductions.isIdle()
        && leased.isEmpty()
        && memberships == 0
        && maps.waiting() == 0
        && seedCalls.isIdle();
  }
}
