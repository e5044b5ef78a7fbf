package dev.longshore.swarm.store;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import net.openhft.chronicle.hash.ChronicleHashClosedException;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.ChronicleMapBuilder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The piece index in a Chronicle Map: a memory-mapped file, whose entries other processes can read
 * too, as {@link IndexEntry} has them.
 */
final class ChroniclePieceIndex implements PieceIndex {
  private static final Logger log = LoggerFactory.getLogger(ChroniclePieceIndex.class);

  private final ChronicleMap<byte[], byte[]> map;
  private final Path file;
  private final int run;

  private ChroniclePieceIndex(ChronicleMap<byte[], byte[]> map, Path file, int run) {
    this.map = map;
    this.file = file;
    this.run = run;
  }

  /**
   * Makes an empty index.
   *
   * @param made the file that it makes
   * @param file what that will have been renamed to by the first {@link #force}
   * @param run written into every entry
   */
  static ChroniclePieceIndex create(Path made, Path file, int entries, int run) throws IOException {
    Files.deleteIfExists(made);
    return new ChroniclePieceIndex(builder(entries).createPersistedTo(made.toFile()), file, run);
  }

  private static ChronicleMapBuilder<byte[], byte[]> builder(int entries) {
    return ChronicleMap.of(byte[].class, byte[].class)
        .name("pieces")
        .entries(entries)
        .constantKeySizeBySample(new byte[IndexEntry.KEY_BYTES])
        .constantValueSizeBySample(new byte[IndexEntry.VALUE_BYTES])
        .checksumEntries(true)
        .putReturnsNull(true)
        .removeReturnsNull(true)
        // More tiers would be holes at the end of the file, and touching a hole of a mapped file
        // on a full disk is a SIGBUS.
        .allowSegmentTiering(false);
  }

  @Override
  public Optional<BlobNote> blob(Digest digest) {
    return Optional.ofNullable(get(IndexEntry.key(digest, IndexEntry.BLOB_ITSELF)))
        .map(IndexEntry::blob);
  }

  @Override
  public Optional<GroupNote> group(Digest digest, int group) {
    return Optional.ofNullable(get(IndexEntry.key(digest, group))).map(IndexEntry::group);
  }

  private byte @Nullable [] get(byte[] key) {
    byte[] found = map.get(key);
    if (found != null && !IndexEntry.isRight(key, found)) {
      log.warn("An entry of the piece index is damaged; its pieces are proven anew");
      return null;
    }
    return found;
  }

  @Override
  public void put(Digest digest, BlobNote note) throws IndexFullException {
    byte[] key = IndexEntry.key(digest, IndexEntry.BLOB_ITSELF);
    put(key, IndexEntry.value(key, run, note));
  }

  @Override
  public void put(Digest digest, int group, GroupNote note) throws IndexFullException {
    byte[] key = IndexEntry.key(digest, group);
    put(key, IndexEntry.value(key, run, note));
  }

  private void put(byte[] key, byte[] value) throws IndexFullException {
    try {
      map.put(key, value);
    } catch (ChronicleHashClosedException e) {
      log.trace("A note that came after the store was closed", e);
    } catch (IllegalStateException e) {
      // All that Chronicle Map says when a segment has no free chunk.
      throw new IndexFullException(e);
    }
  }

  /**
   * Takes over an entry of an earlier process.
   *
   * @return false if there is a different one with this key already; what there is no room for is
   *     left out
   */
  boolean restore(byte[] key, byte[] value) {
    byte[] there = map.get(key);
    if (there != null) {
      return Arrays.equals(there, value);
    }
    try {
      put(key, value);
    } catch (IndexFullException e) {
      log.debug("The new piece index is smaller than the old one", e);
    }
    return true;
  }

  @Override
  public void remove(Digest digest, int groups) {
    remove(IndexEntry.key(digest, IndexEntry.BLOB_ITSELF));
    for (int group = 0; group < groups; group++) {
      remove(IndexEntry.key(digest, group));
    }
  }

  /** Overwrites the entry before it goes, since its bytes stay in the file. */
  void remove(byte[] key) {
    try {
      if (map.containsKey(key)) {
        map.put(key, new byte[IndexEntry.VALUE_BYTES]);
        map.remove(key);
      }
    } catch (ChronicleHashClosedException e) {
      log.debug("A blob was deleted after the store was closed", e);
    }
  }

  @Override
  public void retain(Predicate<Digest> keep) {
    List<byte[]> unwanted = new ArrayList<>();
    for (byte[] key : map.keySet()) {
      Optional<Digest> digest = IndexEntry.digest(key);
      if (digest.isEmpty() || !keep.test(digest.get())) {
        unwanted.add(key);
      }
    }
    unwanted.forEach(this::remove);
  }

  @Override
  public void force() throws IOException {
    // Pages that were changed through a shared mapping belong to the file, and fsync covers them.
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(false);
    }
  }

  /** Closes it without a word to the disk. */
  void abandon() {
    map.close();
  }

  @Override
  public void close() throws IOException {
    map.close();
    force();
  }
}
