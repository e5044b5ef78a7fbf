package dev.longshore.swarm.node;

import dev.longshore.oci.Digest;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Blobs that this side of a connection has left, until the peer has said so too. Not thread-safe.
 */
final class LeftBlobs {
  /*
   * A blob is left, or what the peer offers is declined, by REJECT of all pieces, which the other
   * side answers with its own. Until that answer, pieces asked for before may still arrive: they are
   * remembered here, so that they are read past and not taken for a breach of the protocol. Each
   * time is answered once: an answer must not be taken for the end of an exchange that began since,
   * or that would be answered too, and so on for ever.
   */
  private final Map<Digest, Deque<BitSet>> unanswered = new HashMap<>();
  private int size;

  /** This side leaves; the peer may still answer these requests. */
  void leave(Digest blob, BitSet requested) {
    unanswered.computeIfAbsent(blob, _ -> new ArrayDeque<>(1)).add((BitSet) requested.clone());
    size++;
  }

  /** The peer answers a request; false if there was none that it may still answer. */
  boolean answered(Digest blob, int piece) {
    Deque<BitSet> open = unanswered.get(blob);
    if (open != null) {
      for (BitSet requested : open) {
        if (requested.get(piece)) {
          requested.clear(piece);
          return true;
        }
      }
    }
    return false;
  }

  /** The peer says that it has left; false if this side had not left before. */
  boolean settled(Digest blob) {
    Deque<BitSet> open = unanswered.get(blob);
    if (open == null) {
      return false;
    }
    open.remove();
    size--;
    if (open.isEmpty()) {
      unanswered.remove(blob);
    }
    return true;
  }

  /** How many answers are to come. */
  int size() {
    return size;
  }

  void clear() {
    unanswered.clear();
    size = 0;
  }
}
