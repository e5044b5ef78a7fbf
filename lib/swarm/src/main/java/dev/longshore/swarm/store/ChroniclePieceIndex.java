package dev.longshore.swarm.store;

import dev.longshore.oci.Digest;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.zip.CRC32C;
import net.openhft.chronicle.hash.ChronicleHashClosedException;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.ChronicleMapBuilder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The piece index in a Chronicle Map: a memory-mapped file that other processes can read too. */
final class ChroniclePieceIndex implements PieceIndex {
  private static final Logger log = LoggerFactory.getLogger(ChroniclePieceIndex.class);

  /*
   * One entry a blob and one a group of 512 pieces, all of the same size, so that an entry once
   * there is changed in place and the map never has to grow for it.
   *
   *   key    algorithm 4 | group 4 (-1: the blob itself) | hash 64 (a shorter one is zero-filled)
   *   blob   crc 4 | 0 4 | incarnation 8 | size 8 | last use 8 | piece size 4 | zeros
   *   group  crc 4 | 0 4 | incarnation 8 | written 64 | durable 64
   *
   * The CRC-32C covers the key and the rest of the value. The map has a checksum of its own, which
   * it looks at only when it recovers; this one is looked at on every read.
   */
  private static final int KEY_BYTES = 72;
  private static final int VALUE_BYTES = 144;
  private static final int BLOB_ITSELF = -1;

  private final ChronicleMap<byte[], byte[]> map;
  private final File file;

  private ChroniclePieceIndex(ChronicleMap<byte[], byte[]> map, File file) {
    this.map = map;
    this.file = file;
  }

  /** Opens a file that was closed properly, or creates it. */
  static ChroniclePieceIndex open(File file, int entries) throws IOException {
    return new ChroniclePieceIndex(builder(entries).createPersistedTo(file), file);
  }

  /** Opens a file whose last process died; entries that it left half-written are gone. */
  static ChroniclePieceIndex recover(File file, int entries) throws IOException {
    return new ChroniclePieceIndex(builder(entries).recoverPersistedTo(file, true), file);
  }

  private static ChronicleMapBuilder<byte[], byte[]> builder(int entries) {
    return ChronicleMap.of(byte[].class, byte[].class)
        .name("pieces")
        .entries(entries)
        .constantKeySizeBySample(new byte[KEY_BYTES])
        .constantValueSizeBySample(new byte[VALUE_BYTES])
        .checksumEntries(true)
        .putReturnsNull(true)
        .removeReturnsNull(true)
        // More tiers would be holes at the end of the file, and touching a hole of a mapped file
        // on a full disk is a SIGBUS.
        .allowSegmentTiering(false);
  }

  @Override
  public Optional<BlobNote> blob(Digest digest) {
    ByteBuffer value = get(key(digest, BLOB_ITSELF));
    if (value == null) {
      return Optional.empty();
    }
    long incarnation = value.getLong();
    long size = value.getLong();
    long lastUse = value.getLong();
    return Optional.of(new BlobNote(incarnation, size, value.getInt(), lastUse));
  }

  @Override
  public Optional<GroupNote> group(Digest digest, int group) {
    ByteBuffer value = get(key(digest, group));
    if (value == null) {
      return Optional.empty();
    }
    long incarnation = value.getLong();
    long[] written = words(value);
    return Optional.of(new GroupNote(incarnation, written, words(value)));
  }

  private static long[] words(ByteBuffer in) {
    long[] words = new long[GROUP_WORDS];
    for (int i = 0; i < words.length; i++) {
      words[i] = in.getLong();
    }
    return words;
  }

  private @Nullable ByteBuffer get(byte[] key) {
    byte[] found = map.get(key);
    if (found == null) {
      return null;
    }
    ByteBuffer value = ByteBuffer.wrap(found);
    if (value.getInt() != crc(key, found)) {
      log.warn("An entry of the piece index is damaged; its pieces are proven anew");
      return null;
    }
    value.getInt();
    return value;
  }

  @Override
  public void put(Digest digest, BlobNote note) throws IndexFullException {
    byte[] value = new byte[VALUE_BYTES];
    ByteBuffer.wrap(value)
        .position(Long.BYTES)
        .putLong(note.incarnation())
        .putLong(note.size())
        .putLong(note.lastUse())
        .putInt(note.pieceSize());
    put(key(digest, BLOB_ITSELF), value);
  }

  @Override
  public void put(Digest digest, int group, GroupNote note) throws IndexFullException {
    byte[] value = new byte[VALUE_BYTES];
    ByteBuffer out = ByteBuffer.wrap(value).position(Long.BYTES).putLong(note.incarnation());
    for (long word : note.written()) {
      out.putLong(word);
    }
    for (long word : note.durable()) {
      out.putLong(word);
    }
    put(key(digest, group), value);
  }

  private void put(byte[] key, byte[] value) throws IndexFullException {
    ByteBuffer.wrap(value).putInt(0, crc(key, value));
    try {
      map.put(key, value);
    } catch (ChronicleHashClosedException e) {
      log.trace("A note that came after the store was closed", e);
    } catch (IllegalStateException e) {
      // All that Chronicle Map says when a segment has no free chunk.
      throw new IndexFullException(e);
    }
  }

  @Override
  public void remove(Digest digest, int groups) {
    try {
      map.remove(key(digest, BLOB_ITSELF));
      for (int group = 0; group < groups; group++) {
        map.remove(key(digest, group));
      }
    } catch (ChronicleHashClosedException e) {
      log.debug("A blob was deleted after the store was closed", e);
    }
  }

  @Override
  public void retain(Predicate<Digest> keep) {
    List<byte[]> unwanted = new ArrayList<>();
    for (byte[] key : map.keySet()) {
      Optional<Digest> digest = digest(key);
      if (digest.isEmpty() || !keep.test(digest.get())) {
        unwanted.add(key);
      }
    }
    unwanted.forEach(map::remove);
  }

  @Override
  public void force() throws IOException {
    // Pages that were changed through a shared mapping belong to the file, and fsync covers them.
    try (FileChannel channel = FileChannel.open(file.toPath(), StandardOpenOption.WRITE)) {
      channel.force(false);
    }
  }

  @Override
  public void close() throws IOException {
    map.close();
  }

  private static byte[] key(Digest digest, int group) {
    return ByteBuffer.allocate(KEY_BYTES)
        .putInt(digest.algorithm().wireCode())
        .putInt(group)
        .put(digest.hash())
        .array();
  }

  private static Optional<Digest> digest(byte[] key) {
    ByteBuffer in = ByteBuffer.wrap(key);
    return Digest.Algorithm.ofWireCode(in.getInt())
        .map(algorithm -> {
          byte[] hash = new byte[algorithm.bytes()];
          in.position(2 * Integer.BYTES).get(hash);
          return Digest.of(algorithm, hash);
        });
  }

  private static int crc(byte[] key, byte[] value) {
    CRC32C crc = new CRC32C();
    crc.update(key);
    crc.update(value, Integer.BYTES, value.length - Integer.BYTES);
    return (int) crc.getValue();
  }
}
