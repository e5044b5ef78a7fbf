package dev.longshore.bench.sim;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

/**
 * Everything that a simulation depends on. Sizes are bytes, rates bytes a second, times nanoseconds
 * of virtual time, shares 0 to 1.
 *
 * @param nodes how many there are in the beginning
 * @param holders how many of them have everything already
 * @param size of the image
 * @param layers of equal size that it has
 * @param layersHeld how many of them every node has already
 * @param rate what a node sends, and what it receives
 * @param sourceRate what the source sends to all together
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
        MILLISECONDS.toNanos(rate < 1_000_000_000 ? 5 : 2),
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
    return new SimPlan(
        nodes,
        holders,
        size,
        count,
        held,
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

  SimPlan withNodes(int newNodes) {
    return new SimPlan(
        newNodes,
        holders,
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

  SimPlan withSize(long newSize) {
    return new SimPlan(
        nodes,
        holders,
        newSize,
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

  SimPlan withRate(long newRate) {
    return new SimPlan(
        nodes,
        holders,
        size,
        layers,
        layersHeld,
        newRate,
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

  SimPlan withSourceRate(long newSourceRate) {
    return new SimPlan(
        nodes,
        holders,
        size,
        layers,
        layersHeld,
        rate,
        newSourceRate,
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

  SimPlan withZones(int newZones) {
    return new SimPlan(
        nodes,
        holders,
        size,
        layers,
        layersHeld,
        rate,
        sourceRate,
        newZones,
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

  SimPlan withHolders(int newHolders) {
    return new SimPlan(
        nodes,
        newHolders,
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

  SimPlan withArrival(long newArrival) {
    return new SimPlan(
        nodes,
        holders,
        size,
        layers,
        layersHeld,
        rate,
        sourceRate,
        zones,
        near,
        far,
        newArrival,
        poisoners,
        slow,
        churn,
        trackerDies,
        verifyRate,
        haveInterval,
        tuning,
        seed);
  }

  SimPlan withPoisoners(double newPoisoners) {
    return new SimPlan(
        nodes,
        holders,
        size,
        layers,
        layersHeld,
        rate,
        sourceRate,
        zones,
        near,
        far,
        arrival,
        newPoisoners,
        slow,
        churn,
        trackerDies,
        verifyRate,
        haveInterval,
        tuning,
        seed);
  }

  SimPlan withSlow(double newSlow) {
    return new SimPlan(
        nodes,
        holders,
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
        newSlow,
        churn,
        trackerDies,
        verifyRate,
        haveInterval,
        tuning,
        seed);
  }

  SimPlan withChurn(double newChurn) {
    return new SimPlan(
        nodes,
        holders,
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
        newChurn,
        trackerDies,
        verifyRate,
        haveInterval,
        tuning,
        seed);
  }

  SimPlan withTrackerDeath(long newTrackerDies) {
    return new SimPlan(
        nodes,
        holders,
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
        newTrackerDies,
        verifyRate,
        haveInterval,
        tuning,
        seed);
  }

  SimPlan withSeed(long newSeed) {
    return new SimPlan(
        nodes,
        holders,
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
        newSeed);
  }

  SimPlan withLatencies(long newNear, long newFar) {
    return new SimPlan(
        nodes,
        holders,
        size,
        layers,
        layersHeld,
        rate,
        sourceRate,
        zones,
        newNear,
        newFar,
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

  SimPlan withTuning(SimTuning newTuning) {
    return new SimPlan(
        nodes,
        holders,
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
        newTuning,
        seed);
  }

  SimPlan withHaveInterval(long newHaveInterval) {
    return new SimPlan(
        nodes,
        holders,
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
        newHaveInterval,
        tuning,
        seed);
  }
}
