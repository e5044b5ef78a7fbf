package dev.longshore.swarm.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes written pieces durable from time to time, and notes which are. */
final class PieceSync {
  private static final Logger log = LoggerFactory.getLogger(PieceSync.class);

  /*
   * What survives which stop.
   *
   * A write puts the bytes into the file, then notes the piece as held in the index. Both are in
   * the kernel's page cache, so the death of the process loses neither. A power failure may keep
   * the note and lose the bytes: the kernel writes pages back in any order. Hence "durable", which
   * is held and more. A sync
   *
   *   1. takes the set D of pieces that are held and not durable,
   *   2. forces the blob's file (and, once, its folder) to the disk,
   *   3. notes D as durable in the index,
   *   4. forces the index.
   *
   * A note of step 3 cannot reach the disk before the bytes of step 2, so "durable" never lies,
   * wherever the power fails. Pieces that are merely held are hashed at the next start. The folder
   * is part of it: the notes carry the incarnation number of the blob's map file, and a blob
   * that was deleted and created again has another, so that bits of the old one, should they come
   * back after a power failure, mean nothing.
   *
   * A failed force means that the kernel may have dropped the pages (it reports that once), so the
   * pieces of D are given up rather than tried again.
   */
  private final BlobDirectory directory;
  private final PieceIndex index;
  private final StoreMetrics metrics;
  private final Set<KnownBlob> dirty = ConcurrentHashMap.newKeySet();

  /** Ticks that pass between two syncs of blobs that are one piece. */
  private static final int SMALL_EVERY = 12;

  private final Set<KnownBlob> small = ConcurrentHashMap.newKeySet();
  private int ticks; // guarded by this

  PieceSync(BlobDirectory directory, PieceIndex index, StoreMetrics metrics) {
    this.directory = directory;
    this.index = index;
    this.metrics = metrics;
  }

  /** Includes a blob in the next sync. */
  void add(KnownBlob blob) {
    if (blob.layout().count() > 1) {
      dirty.add(blob);
    } else {
      small.add(blob);
    }
  }

  /**
   * The sync of a clock. An image may have dozens of blobs of one piece, and to force each to the
   * disk takes longer than to hash it again at the next start: they wait until the kernel has
   * written them by itself, which it does within half a minute.
   */
  synchronized void tick() throws IOException {
    if (++ticks % SMALL_EVERY == 0) {
      run();
    } else {
      syncDirty();
    }
  }

  /** A sync of everything. */
  synchronized void run() throws IOException {
    for (KnownBlob blob : List.copyOf(small)) {
      small.remove(blob);
      dirty.add(blob);
    }
    syncDirty();
  }

  private synchronized void syncDirty() throws IOException {
    if (dirty.isEmpty()) {
      return;
    }
    for (KnownBlob blob : List.copyOf(dirty)) {
      dirty.remove(blob); // before the look at its pieces: a later write adds it again
      long[] pieces = blob.notDurable();
      try {
        force(blob);
        blob.markDurable(pieces);
      } catch (IOException e) {
        if (blob.isDoomed()) {
          continue;
        }
        metrics.syncFailed.increment();
        blob.giveUp(pieces);
        log.error("The disk did not keep pieces of {}: they count as missing", blob.digest(), e);
      }
    }
    index.force();
  }

  private void force(KnownBlob blob) throws IOException {
    try (FileChannel channel =
        FileChannel.open(directory.file(blob.digest()), StandardOpenOption.WRITE)) {
      channel.force(false);
    }
    if (blob.needsFolderForced()) {
      directory.forceMap(blob.digest());
      directory.forceFolder(blob.digest());
    }
  }
}
