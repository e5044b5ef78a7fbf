package dev.longshore.cli;

import java.nio.file.Path;

/** Where things are kept that only cost time to make again. */
final class CacheFolder {
  private CacheFolder() {}

  /** The launcher's choice, else the XDG base directory specification's default. */
  static Path path() {
    String chosen = System.getProperty("longshore.cache");
    return chosen != null
        ? Path.of(chosen)
        : Path.of(System.getProperty("user.home"), ".cache", "longshore");
  }
}
