package dev.longshore.tracker;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@code /debug} shows of a state: the largest swarms with members, pieces and leases. */
final class TrackerDebug {
  private static final int MAX_SWARMS = 200;
  private static final int MAX_MEMBERS = 100;

  private TrackerDebug() {}

  static Map<String, Object> of(TrackerState state) {
    Map<String, Object> debug = new LinkedHashMap<>();
    debug.put("members", state.memberCount());
    debug.put("memberships", state.membershipCount());
    debug.put("swarmCount", state.swarms().size());
    debug.put("maps", state.maps().count());
    debug.put("mapBytes", state.maps().bytes());
    debug.put("mapWaits", state.maps().waiting());
    debug.put(
        "swarms",
        state.swarms().stream()
            .sorted(Comparator.comparingInt(Swarm::count).reversed())
            .limit(MAX_SWARMS)
            .map(swarm -> of(swarm, MAX_MEMBERS))
            .toList());
    return debug;
  }

  static Map<String, Object> of(Swarm swarm, int mostMembers) {
    Map<String, Object> debug = new LinkedHashMap<>();
    debug.put("blob", swarm.blob.toString());
    debug.put("size", swarm.size);
    debug.put("source", swarm.source.toString());
    debug.put("memberCount", swarm.count());
    debug.put("complete", swarm.complete());
    debug.put("seeders", swarm.seeders);
    debug.put("piecesBeingRead", swarm.leases.readingCount());
    debug.put("piecesRead", swarm.leases.doneCount());
    if (swarm.assigned != null) {
      debug.put("seederCalled", swarm.assigned.address().id().toString());
    }
    List<Map<String, Object>> members = new ArrayList<>();
    for (Membership membership : swarm.members()) {
      if (members.size() == mostMembers) {
        break;
      }
      members.add(of(membership));
    }
    debug.put("members", members);
    return debug;
  }

  private static Map<String, Object> of(Membership membership) {
    Map<String, Object> debug = new LinkedHashMap<>();
    debug.put("peer", membership.member.address().toString());
    debug.put("role", membership.member.address().role().name());
    debug.put("zone", membership.member.zone().toString());
    debug.put("held", membership.held());
    debug.put("pieces", membership.pieces());
    LeaseShare leases = membership.leases;
    if (leases != null) {
      debug.put("reading", leases.reading.cardinality());
      debug.put("read", leases.done.cardinality());
    }
    return debug;
  }
}
