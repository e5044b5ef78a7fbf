package dev.longshore.swarm.node;

import dev.longshore.oci.Digest;
import dev.longshore.piece.LonePieceMap;
import dev.longshore.piece.VouchedPieceMap;
import dev.longshore.service.net.RateLimit;
import dev.longshore.swarm.store.PieceStore;
import dev.longshore.swarm.store.StoredBlob;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The blobs being exchanged, each opened in the store once. Thread-safe; opening blocks. */
final class SharedBlobs {
  /** What peers said they have of blobs that are being looked up: some 100 of the largest. */
  private static final long MOST_LOOKED_UP = 16 << 20;

  private final PieceStore store;
  private final RateLimit upload;
  private final Map<Digest, SharedBlob> byDigest = new HashMap<>();
  private long lookedUp;

  /**
   * No blobs yet.
   *
   * @param upload the limit of this member's uplink
   */
  SharedBlobs(PieceStore store, RateLimit upload) {
    this.store = store;
    this.upload = upload;
  }

  /** Whether so much more may be remembered until a blob has been looked up. */
  synchronized boolean beginLookup(int bytes) {
    if (lookedUp + bytes > MOST_LOOKED_UP) {
      return false;
    }
    lookedUp += bytes;
    return true;
  }

  synchronized void endLookup(int bytes) {
    lookedUp -= bytes;
  }

  /** A reference to a blob of which the store holds something; null if it holds nothing. */
  @Nullable SharedBlob find(Digest digest) throws IOException {
    SharedBlob open = retained(digest);
    if (open != null) {
      return open;
    }
    Optional<StoredBlob> stored = store.find(digest);
    return stored.isEmpty() ? null : adopt(readable(stored.get()));
  }

  /** A reference to a blob that is to be downloaded. */
  SharedBlob open(VouchedPieceMap map) throws IOException {
    SharedBlob open = retained(map.map().digest());
    if (open != null) {
      return open;
    }
    StoredBlob stored = store.open(map);
    // Most small blobs are never asked for while they are downloaded: whoever does opens the file.
    return adopt(map instanceof LonePieceMap ? stored : readable(stored));
  }

  /** Opens the file now, or an event loop would, when it sends the first piece. */
  private static StoredBlob readable(StoredBlob stored) throws IOException {
    @Nullable FileChannel file = null;
    try {
      file = stored.file();
      return stored;
    } finally {
      if (file == null) {
        stored.close();
      }
    }
  }

  /** A reference to a blob that is exchanged already. */
  synchronized @Nullable SharedBlob retained(Digest digest) {
    SharedBlob open = byDigest.get(digest);
    return open == null ? null : open.retain();
  }

  synchronized List<SharedBlob> all() {
    return List.copyOf(byDigest.values());
  }

  private SharedBlob adopt(StoredBlob stored) {
    SharedBlob first;
    synchronized (this) {
      first = byDigest.get(stored.map().digest());
      if (first == null) {
        SharedBlob fresh = new SharedBlob(this, stored, upload);
        byDigest.put(fresh.digest(), fresh);
        return fresh;
      }
      first.retain();
    }
    stored.close(); // two opened it at once
    return first;
  }

  /** Called with this object's lock held. */
  void remove(SharedBlob blob) {
    byDigest.remove(blob.digest());
  }
}
