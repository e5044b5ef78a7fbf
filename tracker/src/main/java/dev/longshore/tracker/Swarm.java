package dev.longshore.tracker;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.SourceRef;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Everybody who wants or holds one blob. */
final class Swarm {
  final Digest blob;

  /** The most that any member said: who takes a blob up asks the source. */
  long size;

  final SourceRef source;
  final LeaseTable leases;

  /** Seeders and complete holders. */
  final Roster preferred = new Roster();

  /** Everybody else. */
  final Roster partial = new Roster();

  /** Seeders among the members. */
  int seeders;

  /** Members that ever came; who was told of peers since the last one came needs no refresh. */
  long arrivals;

  /** The seeder that was asked to seed it, and when. */
  @Nullable Member assigned;

  long assignedAt;
  int assignments;

  private final Map<Long, Membership> bySession = new LinkedHashMap<>();

  Swarm(Digest blob, long size, SourceRef source, LeaseTable leases) {
    this.blob = blob;
    this.size = size;
    this.source = source;
    this.leases = leases;
  }

  @Nullable Membership of(Member member) {
    return bySession.get(member.session);
  }

  Iterable<Membership> members() {
    return bySession.values();
  }

  int count() {
    return bySession.size();
  }

  boolean isEmpty() {
    return bySession.isEmpty();
  }

  int complete() {
    int complete = 0;
    for (Membership membership : preferred.all()) {
      complete += membership.isComplete() ? 1 : 0;
    }
    return complete;
  }

  /** Seeders and complete holders but this one, in constant time. */
  int holdersBeside(Member member) {
    Membership own = of(member);
    return preferred.size() - (own != null && own.isPreferred() ? 1 : 0);
  }

  /** Members that still lack something. */
  List<Membership> incomplete() {
    List<Membership> incomplete = new ArrayList<>(partial.all());
    preferred.all().stream().filter(m -> !m.isComplete()).forEach(incomplete::add);
    return incomplete;
  }

  void add(Membership membership) {
    bySession.put(membership.member.session, membership);
    roster(membership).add(membership);
    if (membership.member.isSeeder()) {
      seeders++;
    }
    arrivals++;
  }

  void progress(Membership membership, int held, int pieces) {
    Roster before = roster(membership);
    membership.progress(held, pieces);
    Roster after = roster(membership);
    if (before != after) {
      before.remove(membership);
      after.add(membership);
    }
  }

  void remove(Membership membership) {
    bySession.remove(membership.member.session);
    roster(membership).remove(membership);
    if (membership.member.isSeeder()) {
      seeders--;
    }
  }

  private Roster roster(Membership membership) {
    return membership.isPreferred() ? preferred : partial;
  }
}
