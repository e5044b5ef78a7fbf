package dev.longshore.swarm.node;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the store for the blobs that one peer names, a few at a time, in all connections together no
 * more than memory is for, and off the peer's event loop, which owns this.
 */
final class BlobLookups {
  private static final Logger log = LoggerFactory.getLogger(BlobLookups.class);

  /** Blobs of one peer that the store is being asked for. */
  private static final int MOST = 64;

  private final NodeParts node;
  private final PeerConnection connection;
  private int underWay;

  BlobLookups(NodeParts node, PeerConnection connection) {
    this.node = node;
    this.connection = connection;
  }

  /**
   * Looks a blob up, unless too many are being looked up.
   *
   * @param bytes what has to be remembered meanwhile
   * @param found told on the event loop: a reference, or null when the store has nothing of it; not
   *     at all when the node is closing
   * @return whether it is looked up
   */
  boolean find(Digest digest, int bytes, Consumer<@Nullable SharedBlob> found) {
    if (underWay >= MOST || !node.blobs().beginLookup(bytes)) {
      return false;
    }
    underWay++;
    try {
      node.background()
          .execute(() -> {
            SharedBlob blob = look(digest);
            node.blobs().endLookup(bytes);
            connection.execute(
                () -> {
                  underWay--;
                  found.accept(blob);
                },
                () -> letGo(blob));
          });
    } catch (RejectedExecutionException e) {
      log.debug("{} is not looked up: the node is closing", digest);
    }
    return true;
  }

  private static void letGo(@Nullable SharedBlob blob) {
    if (blob != null) {
      blob.release();
    }
  }

  private @Nullable SharedBlob look(Digest digest) {
    try {
      return node.blobs().find(digest);
    } catch (IOException e) {
      log.warn("cannot look up {} for {}", digest, connection, e);
      return null;
    }
  }
}
