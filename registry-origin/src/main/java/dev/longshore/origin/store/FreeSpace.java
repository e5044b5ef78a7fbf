package dev.longshore.origin.store;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Keeps a reserve free on the file system, so that the metadata can still be written (and things
 * deleted) when the blobs have filled the disk. Thread-safe.
 */
final class FreeSpace {

  /** The file system is asked again after so many bytes: often enough, and it costs nothing. */
  static final long CHECK_EVERY = 16L << 20;

  private final FileStore fileStore;
  private final Path directory;
  private final long reserve;

  FreeSpace(Path directory, long reserve) throws IOException {
    this.fileStore = Files.getFileStore(directory);
    this.directory = directory;
    this.reserve = reserve;
  }

  /** Fails when fewer than the reserved bytes are free. */
  void check() throws IOException {
    long free = fileStore.getUsableSpace();
    if (free < reserve) {
      throw new StoreFullException(
          "the file system of "
              + directory
              + " is full: "
              + (free >> 20)
              + " MiB are free and "
              + (reserve >> 20)
              + " MiB are kept in reserve; delete images or give the origin a larger disk");
    }
  }

  /** The exception for a failed write: "disk full" is told apart from other errors. */
  IOException explain(IOException failure) {
    String message = failure.getMessage();
    // The JDK has no class for ENOSPC and EDQUOT, only the C library's text (English under C.UTF-8
    // and under every locale the JDK sets up for itself).
    if (message != null
        && (message.contains("No space left on device") || message.contains("quota exceeded"))) {
      return new StoreFullException(
          "the file system of " + directory + " is full (" + message + ")", failure);
    }
    return failure;
  }
}
