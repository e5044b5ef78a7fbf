package dev.longshore.swarm.node;

import dev.longshore.swarm.wire.GoodbyeReason;

/** How much one peer may say that is of no use. Owned by the connection's event loop. */
final class VainTalk {
  /*
   * What a peer says may be of no use without its fault: it crossed what this side said. Who says
   * little else costs time and gives nothing, so there is an allowance for it; to open the exchange
   * of a blob is counted there too, since it costs a look into the store.
   */
  private static final int PER_SECOND = 100;

  private final PeerConnection connection;
  private final Allowance allowance;

  VainTalk(PeerConnection connection, SwarmLimits limits) {
    this.connection = connection;
    this.allowance = new Allowance(limits.blobsPerConnection(), PER_SECOND, System.nanoTime());
  }

  /** The peer says what is of no use; false if that was once too often and it is shut out. */
  boolean excuses(String what) {
    if (allowance.take(System.nanoTime())) {
      return true;
    }
    connection.broken(GoodbyeReason.EXCESS, "too much that is of no use; at last " + what);
    return false;
  }
}
