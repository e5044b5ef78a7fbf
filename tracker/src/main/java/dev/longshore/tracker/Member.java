package dev.longshore.tracker;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.Zone;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One open session and what its member told. */
final class Member {
  final long session;
  final String remoteHost;
  final long openedAt;
  final Map<Digest, Membership> blobs = new HashMap<>();

  /** Seeders: swarms that this one was asked to seed. */
  final Set<Swarm> assigned = new LinkedHashSet<>();

  /** Maps this member waits for. */
  final Set<MapShelf.Find> finds = new HashSet<>();

  final Distrust distrust = new Distrust();

  /** Sum over its blobs of the piece numbers that leases track for it. */
  long leasePieces;

  /** When it last said something; kept by {@link Heartbeats}. */
  long heardAt;

  /** Whether it tells over and over what it is reading; kept by {@link Heartbeats}. */
  boolean beats;

  private @Nullable PeerAddress address; // null before Hello
  private Zone zone = Zone.NONE;

  Member(long session, String remoteHost, long openedAt) {
    this.session = session;
    this.remoteHost = remoteHost;
    this.openedAt = openedAt;
  }

  void greet(PeerAddress self, Zone of) {
    address = self;
    zone = of;
  }

  boolean hasGreeted() {
    return address != null;
  }

  PeerAddress address() {
    if (address == null) {
      throw new IllegalStateException("session " + session + " has not said Hello");
    }
    return address;
  }

  Zone zone() {
    return zone;
  }

  /** Whether what another member says it holds counts for this one. */
  boolean trusts(Member other) {
    return !other.distrust.isGeneral() && !distrust.hasShutOut(other.address().id());
  }

  boolean isSeeder() {
    return address != null && address.role() == PeerRole.SEEDER;
  }
}
