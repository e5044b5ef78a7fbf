package dev.longshore.bench.sim;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.util.function.Consumer;

/**
 * Everything that a simulation depends on. Sizes are bytes, rates bytes a second, times nanoseconds
 * of virtual time, shares 0 to 1.
 *
 * @param nodes how many there are in the beginning
 * @param holders how many of them have everything already
 * @param seeders how many of those are seeders
 * @param size of the image
 * @param layers of equal size that it has
 * @param layersHeld how many of them every node has already
 * @param rate what a node sends, and what it receives
 * @param sourceRate what the source sends to all together; 0: it refuses
 * @param zones that nodes are spread over
 * @param near latency, one way, within a zone
 * @param far latency, one way, between zones and to the source
 * @param arrival over how long nodes begin
 * @param poisoners share of nodes that claim to have everything and send wrong bytes
 * @param slow share of nodes with a tenth of the rate
 * @param churn share of nodes that go away before they are done, each replaced by a new one
 * @param trackerDies when the tracker goes away for good; never if negative
 * @param verifyRate how fast a piece is verified and written
 * @param haveInterval how often a node takes note of what its peers have got
 * @param tuning of the nodes
 * @param seed of all that is random
 */
record SimPlan(
    int nodes,
    int holders,
    int seeders,
    long size,
    int layers,
    int layersHeld,
    long rate,
    long sourceRate,
    int zones,
    long near,
    long far,
    long arrival,
    double poisoners,
    double slow,
    double churn,
    long trackerDies,
    long verifyRate,
    long haveInterval,
    SimTuning tuning,
    long seed) {

  /** A cold image for nodes in one zone that begin together. */
  static SimPlan of(int nodes, long size, long rate) {
    return new SimPlan(
        nodes,
        0,
        0,
        size,
        1,
        0,
        rate,
        rate,
        1,
        MILLISECONDS.toNanos(1) / 4,
        MILLISECONDS.toNanos(1),
        MILLISECONDS.toNanos(100),
        0,
        0,
        0,
        -1,
        1_000_000_000,
        MILLISECONDS.toNanos(20),
        SimTuning.shipped(),
        1);
  }

  /** Bytes that a node without the image has to receive. */
  long missing() {
    return size / layers * (layers - layersHeld);
  }

  /** Nanoseconds that its link needs for that. */
  long lineTime() {
    return Math.round(missing() * 1e9 / rate);
  }

  SimPlan withLayers(int count, int held) {
    return with(draft -> {
      draft.layers = count;
      draft.layersHeld = held;
    });
  }

  SimPlan withNodes(int newNodes) {
    return with(draft -> draft.nodes = newNodes);
  }

  SimPlan withSize(long newSize) {
    return with(draft -> draft.size = newSize);
  }

  SimPlan withRate(long newRate) {
    return with(draft -> draft.rate = newRate);
  }

  SimPlan withSourceRate(long newSourceRate) {
    return with(draft -> draft.sourceRate = newSourceRate);
  }

  SimPlan withZones(int newZones) {
    return with(draft -> draft.zones = newZones);
  }

  SimPlan withHolders(int newHolders) {
    return with(draft -> draft.holders = newHolders);
  }

  SimPlan withSeeders(int newSeeders) {
    return with(draft -> draft.seeders = newSeeders);
  }

  SimPlan withArrival(long newArrival) {
    return with(draft -> draft.arrival = newArrival);
  }

  SimPlan withPoisoners(double newPoisoners) {
    return with(draft -> draft.poisoners = newPoisoners);
  }

  SimPlan withSlow(double newSlow) {
    return with(draft -> draft.slow = newSlow);
  }

  SimPlan withChurn(double newChurn) {
    return with(draft -> draft.churn = newChurn);
  }

  SimPlan withTrackerDeath(long newTrackerDies) {
    return with(draft -> draft.trackerDies = newTrackerDies);
  }

  SimPlan withSeed(long newSeed) {
    return with(draft -> draft.seed = newSeed);
  }

  SimPlan withLatencies(long newNear, long newFar) {
    return with(draft -> {
      draft.near = newNear;
      draft.far = newFar;
    });
  }

  SimPlan withTuning(SimTuning newTuning) {
    return with(draft -> draft.tuning = newTuning);
  }

  SimPlan withHaveInterval(long newHaveInterval) {
    return with(draft -> draft.haveInterval = newHaveInterval);
  }

  private SimPlan with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.plan();
  }

  /** A plan that is being changed: the one place besides the record that names every part. */
  private static final class Draft {
    int nodes;
    int holders;
    int seeders;
    long size;
    int layers;
    int layersHeld;
    long rate;
    long sourceRate;
    int zones;
    long near;
    long far;
    long arrival;
    double poisoners;
    double slow;
    double churn;
    long trackerDies;
    long verifyRate;
    long haveInterval;
    SimTuning tuning;
    long seed;

    Draft(SimPlan plan) {
      nodes = plan.nodes;
      holders = plan.holders;
      seeders = plan.seeders;
      size = plan.size;
      layers = plan.layers;
      layersHeld = plan.layersHeld;
      rate = plan.rate;
      sourceRate = plan.sourceRate;
      zones = plan.zones;
      near = plan.near;
      far = plan.far;
      arrival = plan.arrival;
      poisoners = plan.poisoners;
      slow = plan.slow;
      churn = plan.churn;
      trackerDies = plan.trackerDies;
      verifyRate = plan.verifyRate;
      haveInterval = plan.haveInterval;
      tuning = plan.tuning;
      seed = plan.seed;
    }

    SimPlan plan() {
      return new SimPlan(
          nodes,
          holders,
          seeders,
          size,
          layers,
          layersHeld,
          rate,
          sourceRate,
          zones,
          near,
          far,
          arrival,
          poisoners,
          slow,
          churn,
          trackerDies,
          verifyRate,
          haveInterval,
          tuning,
          seed);
    }
  }
}
