package dev.longshore.origin.store;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;

/**
 * Objects as files of a local file system, {@code objects/<2 hex>/<key>}.
 *
 * <p>Durability: {@link BlobWriter#force} is fdatasync of the file and fsync of its directory, and
 * the upload calls it once, before the metadata transaction, so a row never points at bytes that a
 * power loss could take. Unfinished uploads are not synced; their bytes survive a crash of the
 * process in the page cache, and their digest is checked at the end in any case.
 */
public final class LocalBlobStore implements BlobStore {
  private final Path objects;
  private final FreeSpace freeSpace;

  private LocalBlobStore(Path objects, FreeSpace freeSpace) {
    this.objects = objects;
    this.freeSpace = freeSpace;
  }

  /**
   * Opens the store, creating its directories.
   *
   * @param reserve bytes of the file system that uploads must leave free
   */
  public static LocalBlobStore open(Path directory, long reserve) throws IOException {
    Path objects = Files.createDirectories(directory.resolve("objects"));
    return new LocalBlobStore(objects, new FreeSpace(objects, reserve));
  }

  @Override
  public BlobWriter append(StorageKey key) throws IOException {
    freeSpace.check();
    Path file = path(key);
    try {
      return new LocalFileWriter(file, create(file), freeSpace);
    } catch (IOException e) {
      throw freeSpace.explain(e);
    }
  }

  private FileChannel create(Path file) throws IOException {
    try {
      return FileChannel.open(file, Set.of(CREATE, READ, WRITE));
    } catch (NoSuchFileException e) {
      // The first key with these two digits.
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
      LocalFile.syncDirectory(objects);
      return FileChannel.open(file, Set.of(CREATE, READ, WRITE));
    }
  }

  @Override
  public BlobReader open(StorageKey key) throws IOException {
    return LocalFile.open(path(key));
  }

  @Override
  public void delete(StorageKey key) throws IOException {
    Files.deleteIfExists(path(key));
  }

  @Override
  public void close() {}

  private Path path(StorageKey key) {
    return objects.resolve(key.value().substring(0, 2)).resolve(key.value());
  }
}
