package dev.longshore.swarm.node;

import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Members of one blob that were heard of. Thread-safe. */
final class Candidates {
  private static final class Candidate {
    PeerAddress address;
    long notBefore;

    Candidate(PeerAddress address, long notBefore) {
      this.address = address;
      this.notBefore = notBefore;
    }
  }

  private final int most;
  private final Random random;
  private final Map<PeerId, Candidate> byId = new LinkedHashMap<>();

  Candidates(int most, Random random) {
    this.most = most;
    this.random = random;
  }

  /** Remembers a member; when there are too many, the one heard of first is forgotten. */
  synchronized void add(PeerAddress address, long now) {
    Candidate known = byId.get(address.id());
    if (known != null) {
      known.address = address;
      return;
    }
    if (byId.size() >= most) {
      byId.remove(byId.keySet().iterator().next());
    }
    byId.put(address.id(), new Candidate(address, now));
  }

  synchronized boolean contains(PeerId peer) {
    return byId.containsKey(peer);
  }

  /** A member does not take part now: it is left alone until then. */
  synchronized void postpone(PeerId peer, long until) {
    Candidate known = byId.get(peer);
    if (known != null) {
      known.notBefore = until;
    }
  }

  /** Those that may be asked now, in random order, seeders first. */
  synchronized List<PeerAddress> ready(long now) {
    List<PeerAddress> ready = new ArrayList<>();
    for (Candidate candidate : byId.values()) {
      if (candidate.notBefore - now <= 0) {
        ready.add(candidate.address);
      }
    }
    Collections.shuffle(ready, random);
    ready.sort(Comparator.comparingInt(peer -> peer.role() == PeerRole.SEEDER ? 0 : 1));
    return ready;
  }

  synchronized int size() {
    return byId.size();
  }
}
