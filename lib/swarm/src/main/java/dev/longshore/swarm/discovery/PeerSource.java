package dev.longshore.swarm.discovery;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.SourceRef;
import java.util.List;
import java.util.function.ObjIntConsumer;

/** Finds members of a blob's swarm. Thread-safe. */
public interface PeerSource {

  /**
   * Announces this member's interest in a blob and reports every other member it learns of, until
   * the registration is closed. The sink may be called on any thread and more than once for a peer.
   *
   * @param size bytes in the blob
   * @param source where a seeder finds the blob
   */
  Registration join(Digest blob, long size, SourceRef source, PeerSink sink);

  /**
   * Asks how many other members hold each of these blobs whole. The answers come later, if at all:
   * a blob of which nobody says anything is not told of.
   */
  default void countHolders(List<Digest> blobs, ObjIntConsumer<Digest> sink) {}

  /** This member has shut out another one, which sent what is not the piece. */
  default void distrust(PeerId peer) {}

  /** Takes what a source finds. */
  @FunctionalInterface
  interface PeerSink {
    void found(PeerAddress peer);
  }

  /** One member's announced interest in one blob. */
  interface Registration extends AutoCloseable {
    /** Tells how many pieces this member holds now; cheap to call often. */
    void progress(int held, int pieces);

    /** Withdraws the announcement. Idempotent. */
    @Override
    void close();
  }
}
