package dev.longshore.swarm.node;

import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Counts from whom the bytes of one download came. One thread counts, any may look. */
final class TrafficCount {
  private final BitSet counted = new BitSet();
  private final Map<PeerId, PeerRole> roles = new HashMap<>();
  private final AtomicLong fromSource = new AtomicLong();
  private final AtomicLong fromSeeders = new AtomicLong();
  private final AtomicLong fromAgents = new AtomicLong();

  void joined(PeerId peer, PeerRole role) {
    roles.put(peer, role);
  }

  /**
   * A piece was stored; only the first time counts, since the endgame brings some twice.
   *
   * @param from null for the source
   */
  void stored(int piece, @Nullable PeerId from, long bytes) {
    if (counted.get(piece)) {
      return;
    }
    counted.set(piece);
    if (from == null) {
      fromSource.addAndGet(bytes);
    } else if (roles.get(from) == PeerRole.SEEDER) {
      fromSeeders.addAndGet(bytes);
    } else {
      fromAgents.addAndGet(bytes);
    }
  }

  Traffic traffic() {
    return new Traffic(fromSource.get(), fromSeeders.get(), fromAgents.get());
  }
}
