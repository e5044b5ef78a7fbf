package dev.longshore.layer.tree;

import dev.longshore.layer.tree.Inode.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Every path of a tree with what is worth a word about it, in the order of a listing. */
final class TreeNames {
  private TreeNames() {}

  static List<String> of(LayerTree tree) {
    List<String> lines = new ArrayList<>();
    list(tree.root(), "", lines);
    return lines;
  }

  private static void list(Inode directory, String prefix, List<String> lines) {
    directory
        .children()
        .forEach((name, inode) -> {
          lines.add(prefix + name + describe(inode));
          list(inode, prefix + name + "/", lines);
        });
  }

  private static String describe(Inode inode) {
    Map<String, String> xattrs = inode.attributes().xattrs();
    String links = inode.links() > 1 && inode.kind() != Kind.DIRECTORY ? " x" + inode.links() : "";
    return switch (inode.kind()) {
          case DIRECTORY ->
              "/"
                  + ("y".equals(xattrs.get("trusted.overlay.opaque")) ? " opaque" : "")
                  + ("".equals(xattrs.get("trusted.overlay.origin")) ? " origin" : "");
          case SYMLINK -> " -> " + inode.attributes().target();
          case CHARACTER_DEVICE -> " whiteout";
          case FILE, BLOCK_DEVICE, FIFO -> "";
        }
        + links;
  }
}
