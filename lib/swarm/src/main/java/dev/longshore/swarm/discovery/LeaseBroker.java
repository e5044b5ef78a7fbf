package dev.longshore.swarm.discovery;

import dev.longshore.oci.Digest;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;

/**
 * Hands out permission to read pieces from the source, so that each is read about once by the whole
 * swarm. Thread-safe.
 */
public interface LeaseBroker {

  /**
   * Asks to read some of these pieces from the source. The reply may grant fewer, or none; it comes
   * within seconds, whatever happens to the broker. Grants go to members of the blob's swarm:
   * {@link PeerSource#join} it first.
   *
   * @param wanted pieces that no connected peer has
   * @param max most pieces to grant
   */
  CompletableFuture<LeaseReply> request(Digest blob, int pieces, BitSet wanted, int max);

  /** These pieces were read from the source and verified: this member holds them now. */
  void done(Digest blob, BitSet pieces);

  /** These pieces will not be read by this member after all. */
  void release(Digest blob, BitSet pieces);

  /**
   * An answer.
   *
   * @param granted what may be read; empty if others are reading it
   * @param validity how long the grant lasts without {@link #done}
   * @param retryAfter when to ask again for what was not granted
   */
  record LeaseReply(BitSet granted, Duration validity, Duration retryAfter) {}
}
