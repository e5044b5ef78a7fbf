package dev.longshore.swarm.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The index's file: decides whether what the last process left of it can be used. */
final class IndexFile implements PieceIndex {
  private static final Logger log = LoggerFactory.getLogger(IndexFile.class);

  /*
   * A damaged memory-mapped file is dangerous, not only wrong: a bad offset in it, or a page that
   * is not there, kills the process. So beside the index lies a line that says how it was left.
   *
   *   "open <length>"          in use, or its process died: if the length is right, recover it,
   *                            which drops the locks of the dead and the entries half-written
   *   "clean <length> <crc>"   closed properly: if length and checksum are right, take it as it is
   *
   * In every other case, and when recovery fails or does not come to an end, the index is deleted
   * and begun anew; the store then hashes what it has. The format's version and the number of
   * entries are in the file's name, so a change of either begins anew as well.
   *
   * The file's blocks are allocated before it is used: a store on a full disk must not find out by
   * touching a hole in a mapped file.
   */
  private static final String VERSION = "v1";
  private static final Duration RECOVERY_LIMIT = Duration.ofSeconds(20);

  private final PieceIndex index;
  private final Path file;
  private final Path state;

  private IndexFile(PieceIndex index, Path file, Path state) {
    this.index = index;
    this.file = file;
    this.state = state;
  }

  static PieceIndex open(Path root, int entries) throws IOException {
    Path file = root.resolve("pieces-" + VERSION + "-" + entries + ".index");
    Path state = root.resolve(file.getFileName() + ".state");
    deleteOthers(root, file, state);
    Optional<PieceIndex> left = openLeft(file, state, entries);
    PieceIndex index = left.isPresent() ? left.get() : create(file, entries);
    writeState(state, "open " + Files.size(file));
    return new IndexFile(index, file, state);
  }

  private static Optional<PieceIndex> openLeft(Path file, Path state, int entries)
      throws IOException {
    String said;
    long length;
    try {
      length = Files.size(file);
      said = Files.readString(state).strip();
    } catch (NoSuchFileException e) {
      log.debug("No index from an earlier run", e);
      return Optional.empty();
    }
    if (said.equals("clean " + length + " " + checksum(file))) {
      return attempt("open", file, () -> ChroniclePieceIndex.open(file.toFile(), entries));
    }
    if (said.equals("open " + length)) {
      return attempt("recover", file, () -> ChroniclePieceIndex.recover(file.toFile(), entries));
    }
    log.warn("The piece index {} is not as it was left ({}): beginning it anew", file, said);
    return Optional.empty();
  }

  /** Gives up when it fails or takes too long: a dead process may have left a lock behind. */
  private static Optional<PieceIndex> attempt(String what, Path file, Opener opener) {
    FutureTask<PieceIndex> task = new FutureTask<>(opener::open);
    Thread.ofPlatform().daemon().name("piece-index-opener").start(task);
    try {
      return Optional.of(task.get(RECOVERY_LIMIT.toSeconds(), TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      log.warn("Could not {} the piece index {}: beginning it anew", what, file, e);
    } catch (TimeoutException e) {
      log.warn(
          "Could not {} the piece index {} within {}: beginning it anew",
          what,
          file,
          RECOVERY_LIMIT,
          e);
    } catch (InterruptedException e) {
      log.warn("Interrupted while opening the piece index {}: beginning it anew", file, e);
      Thread.currentThread().interrupt();
    }
    return Optional.empty();
  }

  private static PieceIndex create(Path file, int entries) throws IOException {
    Files.deleteIfExists(file);
    PieceIndex created = ChroniclePieceIndex.open(file.toFile(), entries);
    try {
      allocate(file);
    } catch (IOException e) {
      created.close();
      Files.deleteIfExists(file);
      throw e;
    }
    return created;
  }

  /** Writes what is there over itself, which gives holes their blocks or fails cleanly. */
  private static void allocate(Path file) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
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

  private static long checksum(Path file) throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      while (channel.read(buffer.clear()) >= 0) {
        crc.update(buffer.flip());
      }
    }
    return crc.getValue();
  }

  /** In place and always as long, so that it needs no room on a disk that is full meanwhile. */
  private static void writeState(Path state, String text) throws IOException {
    ByteBuffer line = ByteBuffer.wrap(String.format(Locale.ROOT, "%-63s\n", text).getBytes(UTF_8));
    try (FileChannel channel =
        FileChannel.open(state, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      while (line.hasRemaining()) {
        channel.write(line);
      }
    }
  }

  private static void deleteOthers(Path root, Path file, Path state) throws IOException {
    try (DirectoryStream<Path> indexes = Files.newDirectoryStream(root, "pieces-*")) {
      for (Path other : indexes) {
        if (!other.equals(file) && !other.equals(state)) {
          Files.delete(other);
        }
      }
    }
  }

  @Override
  public Optional<BlobNote> blob(Digest digest) {
    return index.blob(digest);
  }

  @Override
  public Optional<GroupNote> group(Digest digest, int group) {
    return index.group(digest, group);
  }

  @Override
  public void put(Digest digest, BlobNote note) throws IndexFullException {
    index.put(digest, note);
  }

  @Override
  public void put(Digest digest, int group, GroupNote note) throws IndexFullException {
    index.put(digest, group, note);
  }

  @Override
  public void remove(Digest digest, int groups) {
    index.remove(digest, groups);
  }

  @Override
  public void retain(Predicate<Digest> keep) {
    index.retain(keep);
  }

  @Override
  public void force() throws IOException {
    index.force();
  }

  @Override
  public void close() throws IOException {
    index.close();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    writeState(state, "clean " + Files.size(file) + " " + checksum(file));
  }
}
