package dev.longshore.bench.sim;

/** A connection between two nodes, which carries all blobs. */
final class Peering {
  private final SimNode one;
  private final SimNode other;
  private final Flow toOne;
  private final Flow toOther;

  Peering(Simulation simulation, SimNode one, SimNode other) {
    this.one = one;
    this.other = other;
    this.toOne = new Flow(simulation, other, one);
    this.toOther = new Flow(simulation, one, other);
  }

  SimNode peerOf(SimNode node) {
    return node == one ? other : one;
  }

  /** What this node has asked the other for. */
  Flow to(SimNode node) {
    return node == one ? toOne : toOther;
  }

  void close() {
    toOne.close();
    toOther.close();
  }
}
