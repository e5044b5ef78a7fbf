package dev.longshore.lazy.snapshot;

import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/** The disk, without waiting for it. */
final class UnsyncedDisk implements Disk {
  @Override
  public void createFolder(Path folder, Set<PosixFilePermission> permissions) throws IOException {
    REAL.createFolder(folder, permissions);
  }

  @Override
  public void write(Path file, byte[] content) throws IOException {
    REAL.write(file, content);
  }

  @Override
  public void sync(Path file) {}

  @Override
  public void rename(Path from, Path to) throws IOException {
    REAL.rename(from, to);
  }

  @Override
  public void delete(Path file) throws IOException {
    REAL.delete(file);
  }

  @Override
  public void syncFolder(Path folder) {}
}
