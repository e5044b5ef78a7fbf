package dev.longshore.lazy.snapshot;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The mounts that make a snapshot visible, as containerd's overlay snapshotter makes them. */
final class MountRecipe {
  private MountRecipe() {}

  /**
   * For an active snapshot or a view.
   *
   * @param folder of the snapshot itself
   * @param lower where the files of those below it are, nearest first
   * @param overlayOptions what this kernel needs beside
   */
  static List<Mount> of(
      Kind kind, SnapshotFolder folder, List<Path> lower, List<String> overlayOptions) {
    if (lower.isEmpty()) {
      return List.of(bind(folder.files(), kind == Kind.VIEW ? "ro" : "rw"));
    }
    List<String> options = new ArrayList<>();
    if (kind == Kind.ACTIVE) {
      options.add("workdir=" + folder.work());
      options.add("upperdir=" + folder.files());
    } else if (lower.size() == 1) {
      return List.of(bind(lower.getFirst(), "ro")); // overlayfs wants two
    }
    options.add(
        lower.stream().map(Path::toString).collect(Collectors.joining(":", "lowerdir=", "")));
    options.addAll(overlayOptions);
    return List.of(new Mount("overlay", "overlay", options));
  }

  private static Mount bind(Path source, String access) {
    return new Mount("bind", source.toString(), List.of(access, "rbind"));
  }
}
