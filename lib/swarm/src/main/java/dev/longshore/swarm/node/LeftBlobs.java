package dev.longshore.swarm.node;

import dev.longshore.oci.Digest;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Blobs that this side of a connection has left, until the peer has said so too. Not thread-safe.
 */
final class LeftBlobs {
  /*
   * A blob is left by REJECT of all pieces, which the other side answers with its own. Until that
   * answer, pieces asked for before may still arrive: they are remembered here, so that they are
   * read past and not taken for a breach of the protocol.
   */
  private final Map<Digest, BitSet> unanswered = new HashMap<>();

  /** This side leaves; the peer may still answer these requests. */
  void leave(Digest blob, BitSet requested) {
    unanswered.computeIfAbsent(blob, _ -> new BitSet()).or(requested);
  }

  /** The peer answers a request; false if there was none that it may still answer. */
  boolean answered(Digest blob, int piece) {
    BitSet open = unanswered.get(blob);
    if (open == null || !open.get(piece)) {
      return false;
    }
    open.clear(piece);
    return true;
  }

  /** The peer says that it has left; false if this side had not left before. */
  boolean settled(Digest blob) {
    return unanswered.remove(blob) != null;
  }

  int size() {
    return unanswered.size();
  }

  void clear() {
    unanswered.clear();
  }
}
