package dev.longshore.lazy.snapshot;

import java.nio.file.Path;

/**
 * Where a snapshot that is not remote has its files.
 *
 * @param path ROOT/snapshots/ID
 */
record SnapshotFolder(Path path) {

  /**
   * The tree of its own files: overlayfs's upper directory while it is active, a lower one after.
   */
  Path files() {
    return path.resolve("fs");
  }

  /** What overlayfs needs beside the upper directory. */
  Path work() {
    return path.resolve("work");
  }
}
