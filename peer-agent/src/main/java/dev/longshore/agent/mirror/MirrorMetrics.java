package dev.longshore.agent.mirror;

import dev.longshore.agent.blob.OpenBlob;

/** What the mirror reports about its requests; the agent counts it. */
public interface MirrorMetrics {

  /** A manifest was asked for. */
  void manifestAsked();

  /**
   * A blob's first byte is about to leave.
   *
   * @param nanos since it was asked for
   */
  void blobStarted(OpenBlob.Origin origin, long nanos);

  /** A client went away before it had everything. */
  void clientLeft();

  /** An answer had to be cut off in the middle. */
  void cutOff();
}
