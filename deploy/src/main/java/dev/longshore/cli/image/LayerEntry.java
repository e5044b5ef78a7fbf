package dev.longshore.cli.image;

import java.nio.file.Path;

/** One thing in a layer, at a path relative to the image's root and without a leading slash. */
sealed interface LayerEntry {

  /** Where it is in the image, as in {@code opt/jdk/bin/java}. */
  String path();

  /** A directory; {@code mode} holds the permission bits, sticky bit included. */
  record Directory(String path, int mode) implements LayerEntry {}

  /** The content of a file of this machine. */
  record CopiedFile(String path, int mode, Path source) implements LayerEntry {}

  /** A small UTF-8 file of our own. */
  record WrittenFile(String path, int mode, String content) implements LayerEntry {
    WrittenFile(String path, String content) {
      this(path, 0644, content);
    }
  }
}
