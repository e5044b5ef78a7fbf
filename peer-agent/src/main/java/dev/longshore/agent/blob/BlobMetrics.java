package dev.longshore.agent.blob;

/** What the ways of a blob report while they run; the agent counts it. */
public interface BlobMetrics {

  /** Bytes left for a client. */
  void sent(long bytes);

  /** Bytes were read at the source outside the swarm. */
  void readAtSource(long bytes);

  /** A source had a piece map that is not to be believed. */
  void mapRefused();

  /** A way failed and a worse one was taken. */
  void fellBack(Fallback reason);

  /** Why a blob did not come the best way; the metric's label. */
  enum Fallback {
    /** The store has no room: nothing is kept. */
    STORE_FULL,
    /** The swarm's download gave up. */
    SWARM_FAILED,
    /** The swarm's download made no progress. */
    SWARM_STALLED,
    /** Nobody published a map in time: the source is read without one. */
    NO_MAP,
    /** The disk could not spool a blob without a map. */
    SPOOL_FAILED
  }
}
