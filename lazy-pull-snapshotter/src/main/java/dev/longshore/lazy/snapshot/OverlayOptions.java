package dev.longshore.lazy.snapshot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What overlayfs has to be told on this kernel, as containerd's overlay snapshotter finds out. */
final class OverlayOptions {

  /** All ids of the host: what only the first user namespace maps. user_namespaces(7). */
  private static final long ALL_IDS = 4294967295L;

  private OverlayOptions() {}

  static List<String> ofThisKernel() {
    return of(Path.of("/proc/self/uid_map"), Path.of("/sys/module/overlay/parameters/index"));
  }

  static List<String> of(Path uidMap, Path indexParameter) {
    List<String> options = new ArrayList<>();
    if (isInUserNamespace(uidMap)) {
      options.add("userxattr"); // trusted.* belongs to the first one
    }
    if (Files.exists(indexParameter)) {
      // With an index, an upper directory could not be used over other lower ones than before.
      options.add("index=off");
    }
    return List.copyOf(options);
  }

  private static boolean isInUserNamespace(Path uidMap) {
    try {
      String[] first = Files.readString(uidMap).strip().split("\\s+", -1);
      return !(first.length == 3
          && first[0].equals("0")
          && first[1].equals("0")
          && Long.parseLong(first[2]) == ALL_IDS);
    } catch (IOException | NumberFormatException _) {
      return false; // a kernel without user namespaces
    }
  }
}
