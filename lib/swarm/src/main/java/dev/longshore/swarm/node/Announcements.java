package dev.longshore.swarm.node;

import dev.longshore.oci.Digest;
import dev.longshore.piece.PieceLayout;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.discovery.PeerSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What this member has announced to its {@link PeerSource}. Thread-safe. */
final class Announcements {
  private static final class Announcement {
    PeerSource.@Nullable Registration registration;
    volatile @Nullable BlobTransfer finder;
  }

  private final PeerSource peers;
  private final Map<Digest, Announcement> byBlob = new HashMap<>();
  private boolean closed;

  Announcements(PeerSource peers) {
    this.peers = peers;
  }

  /** Announces a blob that is being downloaded; what is found goes to the transfer. */
  void seek(BlobTransfer transfer, PieceLayout layout, SourceRef source, int held) {
    announce(transfer.digest(), layout, source, transfer, held);
  }

  /** Announces a blob that is here whole, unless it is announced already. */
  void offer(Digest digest, PieceLayout layout, SourceRef source) {
    synchronized (this) {
      if (byBlob.containsKey(digest)) {
        return;
      }
    }
    announce(digest, layout, source, null, layout.count());
  }

  private void announce(
      Digest digest,
      PieceLayout layout,
      SourceRef source,
      @Nullable BlobTransfer finder,
      int held) {
    Announcement fresh = new Announcement();
    fresh.finder = finder;
    Announcement old;
    synchronized (this) {
      if (closed) {
        return;
      }
      old = byBlob.put(digest, fresh);
    }
    withdraw(old);
    PeerSource.Registration registration =
        peers.join(
            digest,
            layout.size(),
            source,
            peer -> {
              BlobTransfer seeking = fresh.finder;
              if (seeking != null) {
                seeking.found(peer);
              }
            });
    registration.progress(held, layout.count());
    boolean stale;
    synchronized (this) {
      fresh.registration = registration;
      stale = byBlob.get(digest) != fresh;
    }
    if (stale) {
      registration.close();
    }
  }

  void progress(Digest digest, int held, int pieces) {
    PeerSource.Registration registration;
    synchronized (this) {
      Announcement announcement = byBlob.get(digest);
      registration = announcement == null ? null : announcement.registration;
    }
    if (registration != null) {
      registration.progress(held, pieces);
    }
  }

  /** A transfer is complete: the blob stays announced, but nobody is looked for any more. */
  synchronized void found(Digest digest) {
    Announcement announcement = byBlob.get(digest);
    if (announcement != null) {
      announcement.finder = null;
    }
  }

  void withdraw(Digest digest) {
    Announcement old;
    synchronized (this) {
      old = byBlob.remove(digest);
    }
    withdraw(old);
  }

  private void withdraw(@Nullable Announcement announcement) {
    PeerSource.Registration registration;
    synchronized (this) {
      registration = announcement == null ? null : announcement.registration;
    }
    if (registration != null) {
      registration.close();
    }
  }

  /** Blobs that are announced although nothing is looked for. */
  synchronized List<Digest> offered() {
    return byBlob.entrySet().stream()
        .filter(entry -> entry.getValue().finder == null)
        .map(Map.Entry::getKey)
        .toList();
  }

  void close() {
    List<Announcement> all;
    synchronized (this) {
      closed = true;
      all = List.copyOf(byBlob.values());
      byBlob.clear();
    }
    all.forEach(this::withdraw);
  }

  /** Tells that a member sent what is not the piece. */
  void distrust(PeerId peer) {
    peers.distrust(peer);
  }
}
