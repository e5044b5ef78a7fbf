package dev.longshore.cli.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How a kind of daemon started and ran in a rehearsal, recorded by its JVM so that the next ones
 * start faster: classes, loaded and linked, and what was worth compiling (JEP 483, 514, 515).
 *
 * <p>A JVM that finds a cache of another build, JDK or set of flags, or a damaged one, says so and
 * starts without.
 */
public final class StartCache {
  /** The folder of the caches, if there is one: set by the launcher, handed on to children. */
  static final String FOLDER = "longshore.start-caches";

  private StartCache() {}

  /** The flags with which a daemon of this kind starts from its cache; none if it has none. */
  static List<String> use(String kind) {
    String folder = System.getProperty(FOLDER);
    if (folder == null) {
      return List.of();
    }
    Path file = file(Path.of(folder), kind);
    return Files.isReadable(file) ? List.of("-XX:AOTCache=" + file) : List.of();
  }

  /** The flag with which a daemon writes its cache when it is told to stop. */
  public static List<String> record(Path file) {
    return List.of("-XX:AOTCacheOutput=" + file);
  }

  /** The cache of a kind of daemon; the launcher knows the name too. */
  public static Path file(Path folder, String kind) {
    return folder.resolve(kind + ".aot");
  }
}
