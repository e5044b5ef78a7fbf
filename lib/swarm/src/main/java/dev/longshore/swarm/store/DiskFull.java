package dev.longshore.swarm.store;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.Locale;

/** Tells a full disk from other failures. */
final class DiskFull {
  private DiskFull() {}

  /**
   * Whether the kernel said ENOSPC or EDQUOT, which reach Java only as their text, or Chronicle Map
   * found no room for its file: it says so, or that fallocate(2) failed and not why.
   */
  static boolean is(IOException failure) {
    String text =
        failure instanceof FileSystemException named ? named.getReason() : failure.getMessage();
    if (text == null) {
      return false;
    }
    String lower = text.toLowerCase(Locale.ROOT);
    return lower.contains("no space left")
        || lower.contains("quota exceeded")
        || lower.contains("not enough space")
        || lower.contains("posix_fallocate");
  }
}
