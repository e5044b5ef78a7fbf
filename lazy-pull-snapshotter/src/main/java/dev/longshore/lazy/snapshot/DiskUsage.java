package dev.longshore.lazy.snapshot;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What a tree takes on disk. One walk. */
final class DiskUsage {

  /*
   * Java does not tell st_blocks: a file counts as its size in whole blocks, which is too much for
   * a sparse one. A short symbolic link lies in its inode.
   */

  private static final int TYPE_MASK = 0170000; // S_IFMT, inode(7)
  private static final int FOLDER = 0040000;
  private static final int REGULAR = 0100000;
  private static final int SYMLINK = 0120000;
  private static final int LONGEST_LINK_IN_INODE = 59;

  private final long blockSize;
  private final Set<Long> seen = new HashSet<>();
  private long bytes;
  private long inodes;

  private DiskUsage(long blockSize) {
    this.blockSize = blockSize;
  }

  /** Of a folder with everything below it; what goes away meanwhile does not count. */
  static Usage of(Path folder) throws IOException {
    var usage = new DiskUsage(Files.getFileStore(folder).getBlockSize());
    usage.count(folder);
    return new Usage(usage.bytes, usage.inodes);
  }

  private void count(Path path) throws IOException {
    try {
      Map<String, Object> inode =
          Files.readAttributes(path, "unix:mode,ino,nlink,size", LinkOption.NOFOLLOW_LINKS);
      int type = number(inode, "mode").intValue() & TYPE_MASK;
      if (type != FOLDER
          && number(inode, "nlink").longValue() > 1
          && !seen.add(number(inode, "ino").longValue())) {
        return;
      }
      inodes++;
      bytes += bytes(type, number(inode, "size").longValue());
      if (type == FOLDER) {
        countBelow(path);
      }
    } catch (NoSuchFileException | NotDirectoryException _) {
      // a container is at work in it
    }
  }

  private void countBelow(Path folder) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        count(entry);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private long bytes(int type, long size) {
    boolean onDisk =
        switch (type) {
          case FOLDER, REGULAR -> true;
          case SYMLINK -> size > LONGEST_LINK_IN_INODE;
          default -> false; // devices, pipes and sockets are inodes only
        };
    return onDisk ? Math.ceilDiv(size, blockSize) * blockSize : 0;
  }

  private static Number number(Map<String, Object> inode, String name) {
    if (inode.get(name) instanceof Number number) {
      return number;
    }
    throw new IllegalStateException("the file system does not tell " + name);
  }
}
