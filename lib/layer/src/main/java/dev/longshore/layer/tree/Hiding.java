package dev.longshore.layer.tree;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a layer hides of lower ones, kept apart until the tree is whole and then put into it. */
final class Hiding {

  /*
   * A whiteout is a character device 0:0 (kernel: Documentation/filesystems/overlayfs.rst). The
   * directory that has it gets an empty trusted.overlay.origin as well: overlayfs looks for
   * whiteouts in directories that it merges, and in others only if that attribute says that they
   * were merged once (kernel commit b79e05aaa166); without it, listing a directory that no lower
   * layer has would show the whiteout's name.
   *
   * A name that the layer hides and brings itself is not hidden; if it is a directory, nothing of
   * lower layers may show in it, so it is opaque.
   */

  private final Map<Inode, Map<String, Inode>> whiteouts = new LinkedHashMap<>();
  private final Set<Inode> opaque = new LinkedHashSet<>();

  void opaque(Inode directory) {
    opaque.add(directory);
  }

  void whiteout(Inode directory, String hidden, Inode whiteout) {
    whiteouts.computeIfAbsent(directory, key -> new TreeMap<>()).put(hidden, whiteout);
  }

  void apply() {
    whiteouts.forEach(
        (directory, hidden) -> hidden.forEach((name, inode) -> put(directory, name, inode)));
    for (Inode directory : opaque) {
      mark(directory, true, false);
    }
  }

  private void put(Inode directory, String name, Inode whiteout) {
    @Nullable Inode present = directory.child(name);
    if (present == null) {
      directory.put(name, whiteout);
      mark(directory, false, true);
    } else if (present.isDirectory()) {
      opaque.add(present);
    }
  }

  private static void mark(Inode directory, boolean opaque, boolean whiteouts) {
    Attributes present = directory.attributes();
    directory.set(present.withXattrs(LayerXattrs.hiding(present.xattrs(), opaque, whiteouts)));
  }
}
