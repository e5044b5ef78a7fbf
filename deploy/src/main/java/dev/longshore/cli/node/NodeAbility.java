package dev.longshore.cli.node;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Whether this machine can run containers for us, and how. */
public final class NodeAbility {
  private static final List<String> PROGRAMS =
      List.of("containerd", "containerd-shim-runc-v2", "ctr", "runc");

  private NodeAbility() {}

  /** What keeps this machine from running a containerd of our own; empty when nothing does. */
  public static List<String> missing() {
    List<String> missing = new ArrayList<>();
    if (!isRoot()) {
      missing.add("root");
    }
    PROGRAMS.stream().filter(program -> !isOnPath(program)).forEach(missing::add);
    return missing;
  }

  /** Overlayfs cannot lie on an overlayfs, which is what a container's own root often is. */
  static String snapshotterFor(Path folder) throws IOException {
    return Files.getFileStore(folder).type().startsWith("overlay") ? "native" : "overlayfs";
  }

  /** Whether this process is root's. */
  public static boolean isRoot() {
    try {
      return Files.getAttribute(Path.of("/proc/self"), "unix:uid") instanceof Integer uid
          && uid == 0;
    } catch (IOException | UnsupportedOperationException _) {
      return false; // no procfs: certainly no place to run containers
    }
  }

  /** Whether the shell would find this program. */
  public static boolean isOnPath(String program) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Arrays.stream(path.split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }
}
