package dev.longshore.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Whether a demo fits on the disk, asked before it starts rather than found out in the middle. */
final class DiskSpace {
  /** A gzip layer is about this many times as large once containerd has unpacked it. */
  private static final double UNPACKED = 2.0;

  private DiskSpace() {}

  /** Fails when {@code folder} has no room for what so many nodes will keep of an image. */
  static void require(Path folder, long imageBytes, int agents, boolean containers)
      throws IOException {
    double copies = 2 + agents * (containers ? 2 + UNPACKED : 1); // origin, seeder, each node
    long needed = (long) (copies * imageBytes);
    long free = Files.getFileStore(folder).getUsableSpace();
    if (free < needed) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "the demo needs about %.1f GB in %s and there are %.1f GB free: make room, ask for"
                  + " fewer --agents, or point TMPDIR elsewhere",
              needed / 1e9,
              folder.getParent(),
              free / 1e9));
    }
  }
}
