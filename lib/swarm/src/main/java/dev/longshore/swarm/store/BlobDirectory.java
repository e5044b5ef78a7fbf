package dev.longshore.swarm.store;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of the blobs, {@code blobs/<algorithm>/<2 hex>/<hex>}, each with its piece map beside
 * it.
 *
 * <p>The map comes last when a blob is created and goes first when it is deleted, so a map vouches
 * for its file, and a file without a map is litter.
 */
final class BlobDirectory {
  static final String MAP_SUFFIX = ".map";
  static final String TEMPORARY_SUFFIX = ".tmp";
  private static final Logger log = LoggerFactory.getLogger(BlobDirectory.class);

  private final Path blobs;

  BlobDirectory(Path root) {
    this.blobs = root.resolve("blobs");
  }

  /** A blob found on disk. */
  record Found(Digest digest, MapFile.Header header) {}

  Path file(Digest digest) {
    return blobs
        .resolve(digest.algorithm().ociName())
        .resolve(digest.hex().substring(0, 2))
        .resolve(digest.hex());
  }

  Path mapFile(Digest digest) {
    return file(digest).resolveSibling(digest.hex() + MAP_SUFFIX);
  }

  /** Creates the sparse file at its full length, and its map. */
  void create(Digest digest, long incarnation, MapFile.Content content, long now)
      throws IOException {
    Path file = file(digest);
    Files.createDirectories(file.toAbsolutePath().getParent());
    delete(digest);
    try {
      extend(file, content.map().layout().size());
      writeMap(digest, incarnation, content, now);
    } catch (IOException e) {
      try {
        delete(digest);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /** Writes the map of a blob whose file is there. */
  void writeMap(Digest digest, long incarnation, MapFile.Content content, long now)
      throws IOException {
    MapFile.write(mapFile(digest), incarnation, content);
    noteUse(digest, now);
  }

  /**
   * Notes that a process which does not own the store uses a blob.
   *
   * @param now milliseconds since the epoch; the modification time of the map file says it
   */
  void noteUse(Digest digest, long now) throws IOException {
    Files.setLastModifiedTime(mapFile(digest), FileTime.fromMillis(now));
  }

  /** When such a process used it last, or the map was written. */
  long lastUse(Digest digest) throws IOException {
    return Files.getLastModifiedTime(mapFile(digest)).toMillis();
  }

  void delete(Digest digest) throws IOException {
    Files.deleteIfExists(mapFile(digest));
    Files.deleteIfExists(file(digest));
  }

  /** Makes the map of a blob durable, which {@link MapFile#write} may have left for later. */
  void forceMap(Digest digest) throws IOException {
    try (FileChannel channel = FileChannel.open(mapFile(digest), StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /** Makes the names in a blob's folder durable. */
  void forceFolder(Digest digest) throws IOException {
    forceFolder(Objects.requireNonNull(file(digest).getParent()));
  }

  /** Makes durable which names a folder has, and which it has no more. */
  static void forceFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static void extend(Path file, long length) throws IOException {
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(length);
    }
  }

  /** Every blob on disk; clears away what no blob needs. */
  List<Found> scan() throws IOException {
    List<Found> found = new ArrayList<>();
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      for (Path folder : children(blobs.resolve(algorithm.ociName()))) {
        for (Path path : children(folder)) {
          inspect(algorithm, path).ifPresent(found::add);
        }
      }
    }
    return found;
  }

  private Optional<Found> inspect(Digest.Algorithm algorithm, Path path) throws IOException {
    String name = path.getFileName().toString();
    if (name.endsWith(TEMPORARY_SUFFIX)) {
      Files.deleteIfExists(path);
      return Optional.empty();
    }
    boolean isMap = name.endsWith(MAP_SUFFIX);
    String hex = isMap ? name.substring(0, name.length() - MAP_SUFFIX.length()) : name;
    Optional<Digest> digest = Digest.tryParse(algorithm.ociName() + ":" + hex);
    if (digest.isEmpty()) {
      log.warn("Ignoring {}: it is neither a blob nor a piece map", path);
      return Optional.empty();
    }
    if (!isMap) {
      if (!Files.exists(mapFile(digest.get()))) {
        log.info("Deleting {}: its piece map is missing, so nothing in it can be proven", path);
        Files.deleteIfExists(path);
      }
      return Optional.empty();
    }
    Optional<MapFile.Header> header = MapFile.readHeader(path);
    if (header.isEmpty()) {
      log.warn("Deleting {}: its piece map is damaged, so nothing in it can be proven", path);
      delete(digest.get());
      return Optional.empty();
    }
    long size = header.get().layout().size();
    if (!hasLength(file(digest.get()), size)) {
      log.warn("Deleting blob {}: its file is missing or not {} bytes long", digest.get(), size);
      delete(digest.get());
      return Optional.empty();
    }
    return Optional.of(new Found(digest.get(), header.get()));
  }

  private static boolean hasLength(Path file, long length) throws IOException {
    try {
      return Files.size(file) == length;
    } catch (NoSuchFileException e) {
      log.debug("No file beside a map", e);
      return false;
    }
  }

  private static List<Path> children(Path folder) throws IOException {
    List<Path> children = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
        stream.forEach(children::add);
      }
    }
    return children;
  }
}
