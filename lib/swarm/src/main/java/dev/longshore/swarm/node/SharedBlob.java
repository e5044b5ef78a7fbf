package dev.longshore.swarm.node;

import dev.longshore.oci.Digest;
import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMap;
import dev.longshore.swarm.store.StoredBlob;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A blob that this member exchanges with others: its open file, the connections that share it, and
 * its download while there is one. Every holder of a reference ends with {@link #release}.
 */
final class SharedBlob {
  private final SharedBlobs owner;
  private final StoredBlob stored;
  private final PieceMap map;
  private int references = 1;

  /** Connections on which this blob is exchanged. */
  final Set<PeerConnection> members = ConcurrentHashMap.newKeySet();

  /**
   * The download under way. Whoever adds itself to {@link #members} then looks here, whoever sets
   * this then looks at the members: neither misses the other.
   */
  volatile @Nullable BlobTransfer transfer;

  SharedBlob(SharedBlobs owner, StoredBlob stored) {
    this.owner = owner;
    this.stored = stored;
    this.map = stored.map();
  }

  Digest digest() {
    return map.digest();
  }

  PieceLayout layout() {
    return map.layout();
  }

  PieceMap map() {
    return map;
  }

  StoredBlob stored() {
    return stored;
  }

  /** One more reference; the caller has one already. */
  SharedBlob retain() {
    synchronized (owner) {
      references++;
    }
    return this;
  }

  void release() {
    synchronized (owner) {
      if (--references > 0) {
        return;
      }
      owner.remove(this);
    }
    stored.close();
  }
}
