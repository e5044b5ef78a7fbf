package dev.longshore.lazy.snapshot;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/** The changes on disk of which the order matters, so that tests can crash between any two. */
interface Disk {

  /** Makes a folder that must not exist yet, with exactly these permissions. */
  void createFolder(Path folder, Set<PosixFilePermission> permissions) throws IOException;

  /** Writes a file, over what was there. It may not survive a loss of power. */
  void write(Path file, byte[] content) throws IOException;

  /** Has what was written of a file survive a loss of power. */
  void sync(Path file) throws IOException;

  /** Renames within a folder, over what was there. */
  void rename(Path from, Path to) throws IOException;

  /** Removes a file if it is there. */
  void delete(Path file) throws IOException;

  /** Has what was made, renamed and removed in a folder survive a loss of power. */
  void syncFolder(Path folder) throws IOException;

  /** The disk. */
  Disk REAL =
      new Disk() {
        @Override
        public void createFolder(Path folder, Set<PosixFilePermission> permissions)
            throws IOException {
          Files.createDirectory(folder);
          Files.setPosixFilePermissions(folder, permissions); // whatever the umask
        }

        @Override
        public void write(Path file, byte[] content) throws IOException {
          Files.write(file, content);
        }

        @Override
        public void sync(Path file) throws IOException {
          try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
          }
        }

        @Override
        public void rename(Path from, Path to) throws IOException {
          Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }

        @Override
        public void delete(Path file) throws IOException {
          Files.deleteIfExists(file);
        }

        @Override
        public void syncFolder(Path folder) throws IOException {
          try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
          }
        }
      };
}
