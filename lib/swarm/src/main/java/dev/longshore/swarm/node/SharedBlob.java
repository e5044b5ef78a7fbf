package dev.longshore.swarm.node;

import dev.longshore.oci.Digest;
import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMap;
import dev.longshore.service.net.RateLimit;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.engine.FirstCopies;
import dev.longshore.swarm.store.StoredBlob;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
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

  /**
   * What is refused so that each piece leaves once first; null for one that came in parts, or is
   * one.
   */
  private final @Nullable FirstCopies<PeerId> firstCopies;

  /**
   * A blob that is exchanged from now on.
   *
   * @param upload the limit of this member's uplink
   */
  SharedBlob(SharedBlobs owner, StoredBlob stored, RateLimit upload) {
    this.owner = owner;
    this.stored = stored;
    this.map = stored.map();
    this.firstCopies =
        stored.complete() && map.layout().count() > 1
            ? new FirstCopies<>(map.layout().count(), pieceTime(map.layout(), upload))
            : null;
  }

  private static long pieceTime(PieceLayout layout, RateLimit upload) {
    return upload.isUnlimited()
        ? 0
        : TimeUnit.SECONDS.toNanos(layout.pieceSize()) / upload.bytesPerSecond();
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

  /** Whether only the blob's digest vouches for the map, and nobody for the size. */
  boolean isLonePiece() {
    return map.layout().count() == 1 && stored.signedMap().isEmpty();
  }

  StoredBlob stored() {
    return stored;
  }

  /** Whether a peer is to be refused a piece that is here, since others were not sent at all. */
  boolean refuses(PeerId peer, int piece) {
    return firstCopies != null && firstCopies.refuses(peer, piece, System.nanoTime());
  }

  /** Whether a piece that was refused may be asked for now. */
  boolean isFree(int piece) {
    return firstCopies == null || firstCopies.isFree(piece, System.nanoTime());
  }

  /** A peer's request is to be served; false if it is to be refused, since another was faster. */
  boolean promises(PeerId peer, int piece) {
    return firstCopies == null || firstCopies.promises(peer, piece, System.nanoTime());
  }

  /** A piece begins to leave. */
  void sends(PeerId peer, int piece) {
    if (firstCopies != null) {
      firstCopies.sends(peer, piece, System.nanoTime());
    }
  }

  /** It is not sent after all. */
  void takesBack(PeerId peer, int piece) {
    if (firstCopies != null) {
      firstCopies.takesBack(peer, piece);
    }
  }

  /** A peer that took part does so no more. */
  void left(PeerConnection member) {
    members.remove(member);
    if (firstCopies != null) {
      firstCopies.left(member.peerId());
    }
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
