package dev.longshore.swarm.store;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The index's file: takes over what the last process left of it. */
final class IndexFile {
  private static final Logger log = LoggerFactory.getLogger(IndexFile.class);

  /*
   * Chronicle Map keeps the entries while the process runs, but no file of an earlier process is
   * ever opened as a Chronicle Map:
   *
   *   - A process killed while it made its file leaves one that says it is being made, and
   *     Chronicle waits a minute for a maker who is dead (ChronicleMapBuilder.waitUntilReady).
   *   - Its recovery follows offsets that it finds in the file; a bad one kills the process.
   *   - Locks of the dead are in the file too.
   *
   * Instead, each start reads the entries that vouch for themselves (IndexScan) out of the old
   * file, puts them into a new map in a file beside it, and renames that over the old one. So a
   * clean stop and a kill at any point are one case: there is always one file, and what is not
   * whole in it is as if it had never been noted. An entry that is lost costs hashing, no piece.
   *
   * The blocks of the new file are allocated before it is used: a store on a full disk must not
   * find out by touching a hole in a mapped file. When the disk has no room for two, the old one
   * goes first.
   *
   * Other processes read the file too (SharedIndex). They map it, and notice by the state line that
   * a new one has taken its place; the one they have mapped stays as it is.
   */
  static final String NAME = "pieces-v2.index";
  static final String STATE_NAME = NAME + ".state";

  private static final int READ_BYTES = 1 << 20;

  private IndexFile() {}

  static PieceIndex open(Path root, int entries) throws IOException {
    Path file = root.resolve(NAME);
    deleteOthers(root);
    int run = ThreadLocalRandom.current().nextInt();
    ChroniclePieceIndex index;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment old = read(file, arena);
      try {
        index = takeOver(old, root, entries, run);
      } catch (IOException e) {
        if (!DiskFull.is(e) || !Files.deleteIfExists(file)) {
          throw e;
        }
        log.warn("The disk has no room for a second piece index: giving up the old one first", e);
        BlobDirectory.forceFolder(root); // freed blocks are for others once the journal has them
        index = takeOver(old, root, entries, run);
      }
    }
    IndexState.ofThisBoot(run).write(root.resolve(STATE_NAME));
    return index;
  }

  private static MemorySegment read(Path file, Arena arena) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      MemorySegment bytes = arena.allocate(channel.size());
      long at = 0;
      for (int read = 0; read >= 0 && at < bytes.byteSize(); at += Math.max(0, read)) {
        long length = Math.min(READ_BYTES, bytes.byteSize() - at);
        read = channel.read(bytes.asSlice(at, length).asByteBuffer());
      }
      return bytes.asSlice(0, at);
    } catch (NoSuchFileException e) {
      log.debug("No index from an earlier run", e);
      return MemorySegment.NULL;
    }
  }

  private static ChroniclePieceIndex takeOver(MemorySegment old, Path root, int entries, int run)
      throws IOException {
    Path file = root.resolve(NAME);
    // Not a name that this process has used before: Chronicle Map takes two files of one name for
    // one file (CanonicalRandomAccessFiles), though the first was renamed long ago.
    Path made = root.resolve(NAME + "." + HexFormat.of().toHexDigits(run) + ".new");
    ChroniclePieceIndex index = null;
    try {
      index = ChroniclePieceIndex.create(made, file, entries, run);
      allocate(made);
      copy(old, index);
      Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
      return index;
    } catch (IOException | RuntimeException e) {
      if (index != null) {
        index.abandon();
      }
      Files.deleteIfExists(made);
      throw e;
    }
  }

  /**
   * Two entries of one key can only come out of a power failure, which wrote back the pages of
   * different times: neither is believed.
   */
  private static void copy(MemorySegment old, ChroniclePieceIndex index) {
    List<byte[]> doubtful = new ArrayList<>();
    IndexScan.forEach(
        old,
        (at, key, value) -> {
          if (!index.restore(key, value)) {
            doubtful.add(key);
          }
        });
    for (byte[] key : doubtful) {
      log.info("The old piece index says two things of {}", IndexEntry.digest(key));
      index.remove(key);
    }
  }

  /** Writes what is there over itself, which gives holes their blocks or fails cleanly. */
  private static void allocate(Path file) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long at = 0;
      while (channel.read(buffer.clear(), at) > 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          at += channel.write(buffer, at);
        }
      }
    }
  }

  private static void deleteOthers(Path root) throws IOException {
    Set<Path> kept = Set.of(root.resolve(NAME), root.resolve(STATE_NAME));
    try (DirectoryStream<Path> indexes = Files.newDirectoryStream(root, "pieces-*")) {
      for (Path other : indexes) {
        if (!kept.contains(other)) {
          Files.delete(other);
        }
      }
    }
  }
}
