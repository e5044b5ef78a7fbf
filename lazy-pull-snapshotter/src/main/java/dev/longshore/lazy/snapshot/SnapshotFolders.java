package dev.longshore.lazy.snapshot;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folders of snapshots that are not remote: ROOT/snapshots/ID. Mounted layers lie beside them,
 * under names that are no ids, and are left alone.
 */
final class SnapshotFolders {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotFolders.class);

  // containerd plugins/snapshots/overlay, prepareDirectory
  private static final Set<PosixFilePermission> OURS = PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> FILES =
      PosixFilePermissions.fromString("rwxr-xr-x");
  private static final Set<PosixFilePermission> WORK = PosixFilePermissions.fromString("rwx--x--x");

  private final Path all;
  private final Disk disk;

  SnapshotFolders(Path all, Disk disk) {
    this.all = all;
    this.disk = disk;
  }

  SnapshotFolder of(long id) {
    return new SnapshotFolder(all.resolve(Long.toString(id)));
  }

  /**
   * Makes a folder, or what is missing of it. A loss of power may undo that: see {@link #sync}.
   *
   * @param owner of the tree's root; root when null
   */
  void create(long id, Kind kind, @Nullable IdMapping owner) throws IOException {
    SnapshotFolder folder = of(id);
    createIfMissing(folder.path(), OURS);
    if (kind == Kind.ACTIVE) {
      createIfMissing(folder.work(), WORK);
    }
    createIfMissing(folder.files(), FILES);
    if (owner != null && !owner.equals(ownerOf(folder.files()))) {
      Files.setAttribute(folder.files(), "unix:uid", owner.uid(), NOFOLLOW_LINKS);
      Files.setAttribute(folder.files(), "unix:gid", owner.gid(), NOFOLLOW_LINKS);
    }
  }

  private void createIfMissing(Path folder, Set<PosixFilePermission> permissions)
      throws IOException {
    if (!Files.exists(folder, NOFOLLOW_LINKS)) {
      disk.createFolder(folder, permissions);
    }
  }

  /** Whether all of a folder is there. */
  boolean isWhole(long id, Kind kind) {
    SnapshotFolder folder = of(id);
    return Files.isDirectory(folder.files(), NOFOLLOW_LINKS)
        && (kind != Kind.ACTIVE || Files.isDirectory(folder.work(), NOFOLLOW_LINKS));
  }

  /** Has the folder, not what is in its tree, survive a loss of power. */
  void sync(long id) throws IOException {
    disk.syncFolder(of(id).path());
    disk.syncFolder(all);
  }

  /** Who owns a directory. */
  static IdMapping ownerOf(Path directory) throws IOException {
    return new IdMapping(
        (int) Files.getAttribute(directory, "unix:uid", NOFOLLOW_LINKS),
        (int) Files.getAttribute(directory, "unix:gid", NOFOLLOW_LINKS));
  }

  /** The ids of all folders. */
  List<Long> ids() throws IOException {
    List<Long> ids = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(all)) {
      for (Path folder : folders) {
        String name = folder.getFileName().toString();
        if (Ids.isId(name)) {
          ids.add(Long.parseLong(name));
        }
      }
    }
    return ids;
  }

  /**
   * Deletes the folders of ids that are in no use.
   *
   * @throws IOException that names what could not be deleted; the rest is
   */
  void sweep(LongPredicate isLive) throws IOException {
    IOException failure = null;
    for (long id : ids()) {
      if (!isLive.test(id)) {
        try {
          delete(of(id).path());
        } catch (IOException e) {
          LOG.warn("cannot delete the folder of the removed snapshot {}", id, e);
          failure = e;
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static void delete(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e)
              throws IOException {
            if (e != null) {
              throw e;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
