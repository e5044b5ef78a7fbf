package dev.longshore.swarm.store;

import dev.longshore.oci.Digest;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Locks under which a blob is created, opened or deleted by one thread at a time; a thread that
 * holds one takes no other.
 */
final class BlobStripes {
  private final ReentrantLock[] stripes = new ReentrantLock[64];

  BlobStripes() {
    for (int i = 0; i < stripes.length; i++) {
      stripes[i] = new ReentrantLock();
    }
  }

  ReentrantLock of(Digest digest) {
    return stripes[Math.floorMod(digest.hashCode(), stripes.length)];
  }
}
