package dev.longshore.bench.sim;

import dev.longshore.swarm.PeerId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;

/** Members of one blob that were heard of, as dev.longshore.swarm.node.Candidates keeps them. */
final class SimCandidates {
  /** SwarmLimits.candidatesPerBlob. */
  private static final int MOST = 512;

  private final Random random;
  private final Predicate<PeerId> seeders;
  private final Set<PeerId> known = new LinkedHashSet<>();

  SimCandidates(Random random, Predicate<PeerId> seeders) {
    this.random = random;
    this.seeders = seeders;
  }

  /** Remembers a member; when there are too many, the one heard of first is forgotten. */
  void add(PeerId peer) {
    if (!known.contains(peer)) {
      if (known.size() >= MOST) {
        known.remove(known.iterator().next());
      }
      known.add(peer);
    }
  }

  boolean contains(PeerId peer) {
    return known.contains(peer);
  }

  /** In random order, seeders first. */
  List<PeerId> ready() {
    List<PeerId> shuffled = new ArrayList<>(known);
    Collections.shuffle(shuffled, random);
    shuffled.sort(Comparator.comparing(peer -> !seeders.test(peer)));
    return shuffled;
  }
}
