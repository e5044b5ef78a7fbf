package dev.longshore.cli.image;

import dev.longshore.cli.process.ExternalCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** The shared libraries, the loader among them, that a set of native files needs to run. */
final class SharedLibraries {
  private SharedLibraries() {}

  /**
   * The closure of {@code binaries} as {@code ldd} resolves it on this machine, as absolute paths.
   * A library that this machine does not have is left out: what needs it would not run here either.
   */
  static SortedSet<Path> neededBy(List<Path> binaries) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("ldd"));
    binaries.forEach(binary -> command.add(binary.toString()));
    // ldd exits non-zero when one of many files is not dynamic; its lines are good all the same.
    ExternalCommand.Result result = ExternalCommand.run(command, Duration.ofMinutes(1));
    SortedSet<Path> libraries = new TreeSet<>();
    result.output().lines().map(String::strip).forEach(line -> addResolved(line, libraries));
    if (libraries.isEmpty()) {
      throw new IOException(
          "ldd named no library of " + binaries.getFirst() + ": " + result.tail());
    }
    return libraries;
  }

  /** Lines are {@code name => /path (address)}, or {@code /loader (address)}. */
  private static void addResolved(String line, SortedSet<Path> libraries) {
    int address = line.lastIndexOf(" (0x");
    if (address < 0) {
      return; // a file's own heading, "not found", "statically linked"
    }
    int arrow = line.indexOf(" => ");
    String path = line.substring(arrow < 0 ? 0 : arrow + 4, address);
    if (path.startsWith("/")) {
      libraries.add(Path.of(path).normalize());
    }
  }
}
