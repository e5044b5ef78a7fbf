package dev.longshore.swarm.store;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How a piece store on disk behaves.
 *
 * @param root folder of the store, created when it is not there; one process at a time may open it
 * @param quota most bytes the pieces may take, {@link Long#MAX_VALUE} for no limit but the disk; a
 *     blob that somebody has open counts whole, so that a download once begun has room to finish
 * @param highWatermark share of the quota above which the blobs that were used least recently are
 *     evicted, when nobody has them open
 * @param lowWatermark share of the quota down to which they are evicted
 * @param syncEvery how often written pieces are forced to the disk; after an unclean stop, only
 *     what was written since is hashed again
 * @param recoveryPatience how long opening the store waits for that hashing before it goes on in
 *     the background
 * @param indexEntries blobs plus groups of 512 pieces that the index has room for
 */
public record StoreConfig(
    Path root,
    long quota,
    double highWatermark,
    double lowWatermark,
    Duration syncEvery,
    Duration recoveryPatience,
    int indexEntries) {

  public StoreConfig {
    if (quota <= 0) {
      throw new IllegalArgumentException("quota must be positive, found " + quota);
    }
    if (!(lowWatermark > 0 && lowWatermark <= highWatermark && highWatermark <= 1)) {
      throw new IllegalArgumentException(
          "watermarks must be 0 < low <= high <= 1, found low "
              + lowWatermark
              + " and high "
              + highWatermark);
    }
    if (syncEvery.toMillis() <= 0) {
      throw new IllegalArgumentException("syncEvery must be at least 1 ms, found " + syncEvery);
    }
    if (recoveryPatience.isNegative()) {
      throw new IllegalArgumentException(
          "recoveryPatience must not be negative, found " + recoveryPatience);
    }
    if (indexEntries < 64) {
      throw new IllegalArgumentException("indexEntries must be at least 64, found " + indexEntries);
    }
  }

  /**
   * No quota, watermarks 95 % and 85 %, a sync every five seconds, two seconds of patience, room
   * for 65,536 index entries (15 MB).
   */
  public static StoreConfig defaults(Path root) {
    return new StoreConfig(
        root, Long.MAX_VALUE, 0.95, 0.85, Duration.ofSeconds(5), Duration.ofSeconds(2), 1 << 16);
  }

  /** The same with another quota. */
  public StoreConfig withQuota(long bytes) {
    return new StoreConfig(
        root, bytes, highWatermark, lowWatermark, syncEvery, recoveryPatience, indexEntries);
  }

  /** The same with another interval between syncs. */
  public StoreConfig withSyncEvery(Duration interval) {
    return new StoreConfig(
        root, quota, highWatermark, lowWatermark, interval, recoveryPatience, indexEntries);
  }

  /** The same with another room in the index. */
  public StoreConfig withIndexEntries(int entries) {
    return new StoreConfig(
        root, quota, highWatermark, lowWatermark, syncEvery, recoveryPatience, entries);
  }
}
