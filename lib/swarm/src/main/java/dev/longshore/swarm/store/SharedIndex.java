package dev.longshore.swarm.store;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.store.PieceIndex.GroupNote;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The piece index of another process, read in its mapped file. Thread-safe. */
final class SharedIndex {
  private static final Logger log = LoggerFactory.getLogger(SharedIndex.class);

  /*
   * No lock of Chronicle Map is taken: the owner must never wait for a reader, let alone for one
   * that was killed. An entry never moves as long as it is there, so its place, found by a scan, is
   * remembered, and an entry caught half-written is told by its checksum and read again. An entry
   * whose place is not known yet is looked for at once, and then every 50 ms at most.
   *
   * Which pieces are to be believed:
   *
   *   durable               always;
   *   held, not durable     if the owner of now, or the last one, noted it, and the kernel has been
   *                         running ever since: then the bytes are in the page cache at least. A
   *                         later owner hashes such pieces before it notes them as its own;
   *   suspect               never.
   *
   * The state line says whose index it is. When it changes, a new index has taken the place of the
   * one that is mapped here.
   */
  private static final int TRIES = 10_000;
  private static final long SCAN_EVERY = Duration.ofMillis(50).toNanos();

  private final Path root;
  private volatile Mapped mapped;

  /** An index file as it was found, with the state line that was there before it was opened. */
  private static final class Mapped {
    final MemorySegment line;
    final byte[] seen;
    final Optional<IndexState> state;
    final boolean sameBoot;
    final MemorySegment file;
    volatile Map<ByteBuffer, Long> places = Map.of();

    /** When blobs were looked for last that have entries without a known place. */
    final Map<Digest, Long> lookedFor = new ConcurrentHashMap<>();

    Mapped(MemorySegment line, byte[] seen, MemorySegment file) {
      this.line = line;
      this.seen = seen;
      this.file = file;
      state = IndexState.parse(seen);
      sameBoot = state.isPresent() && state.get().isOfThisBoot();
      scan();
    }

    boolean isCurrent() {
      return line.mismatch(MemorySegment.ofArray(seen)) < 0;
    }

    /** Not for the same blob all the time. */
    boolean mayScanFor(Digest digest) {
      long now = System.nanoTime();
      Long before = lookedFor.put(digest, now);
      if (before != null && now - before < SCAN_EVERY) {
        lookedFor.put(digest, before);
        return false;
      }
      return true;
    }

    final synchronized void scan() {
      Map<ByteBuffer, Long> found = new HashMap<>();
      IndexScan.forEach(file, (at, key, value) -> found.put(ByteBuffer.wrap(key), at));
      places = found;
    }

    boolean believes(int run) {
      return sameBoot && state.isPresent() && state.get().run() == run;
    }
  }

  SharedIndex(Path root) throws IOException {
    this.root = root;
    this.mapped = map();
  }

  private Mapped map() throws IOException {
    MemorySegment line = map(root.resolve(IndexFile.STATE_NAME));
    if (line.byteSize() < IndexState.BYTES) {
      throw new IOException("the piece store " + root + " is just being made; try again");
    }
    byte[] seen = line.asSlice(0, IndexState.BYTES).toArray(ValueLayout.JAVA_BYTE);
    VarHandle.acquireFence(); // the owner writes the line after the file
    return new Mapped(line.asSlice(0, IndexState.BYTES), seen, map(root.resolve(IndexFile.NAME)));
  }

  /** Unmapped when nobody uses it any more; the owner never shortens a file. */
  private static MemorySegment map(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
    }
  }

  /** The pieces of a group that can be read, as bits; none when the index does not know it. */
  long[] readable(Digest digest, int group, long incarnation) {
    byte[] key = IndexEntry.key(digest, group);
    byte[] value = read(current(), digest, key);
    long[] none = new long[PieceIndex.GROUP_WORDS];
    if (value == null) {
      return none;
    }
    GroupNote note = IndexEntry.group(value);
    if (note.incarnation() != incarnation) {
      return none;
    }
    if (mapped.believes(IndexEntry.run(value))) {
      return note.held();
    }
    for (int i = 0; i < none.length; i++) {
      none[i] = note.held()[i] & note.kept()[i];
    }
    return none;
  }

  private Mapped current() {
    Mapped now = mapped;
    return now.isCurrent() ? now : remap();
  }

  private synchronized Mapped remap() {
    if (!mapped.isCurrent()) {
      try {
        mapped = map();
      } catch (IOException e) {
        log.warn("Cannot read the new piece index of {}; going on with the old one", root, e);
      }
    }
    return mapped;
  }

  private byte @Nullable [] read(Mapped index, Digest digest, byte[] key) {
    byte[] value = readPlace(index, key);
    if (value == null && index.mayScanFor(digest)) {
      index.scan();
      value = readPlace(index, key);
    }
    return value;
  }

  private static byte @Nullable [] readPlace(Mapped index, byte[] key) {
    Long at = index.places.get(ByteBuffer.wrap(key));
    for (int i = 0; at != null && i < TRIES; i++) {
      byte[] value = IndexScan.value(index.file, at);
      VarHandle.acquireFence(); // what the entry speaks of was there before the entry
      if (!Arrays.equals(IndexScan.key(index.file, at), key)) {
        return null;
      }
      if (IndexEntry.isRight(key, value)) {
        return value;
      }
      Thread.onSpinWait();
    }
    return null;
  }
}
