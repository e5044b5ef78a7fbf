package dev.longshore.layer.tree;

import dev.longshore.layer.tar.TarEntry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/** The file tree that the entries of one layer make, unpacked one after the other. */
public final class LayerTree {
  private final Inode root;
  private final List<Inode> inodes = new ArrayList<>();
  private final List<String> impliedDirectories = new ArrayList<>();

  private LayerTree(Inode root) {
    this.root = root;
  }

  /**
   * The tree of these entries.
   *
   * @throws RefusedLayerException if they make none, or not without other layers
   */
  public static LayerTree of(List<TarEntry> entries) throws RefusedLayerException {
    LayerTreeBuilder builder = new LayerTreeBuilder();
    for (TarEntry entry : entries) {
      builder.add(entry);
    }
    return builder.build();
  }

  /** Numbers what can be reached from this root and counts its links. */
  static LayerTree of(Inode root) {
    LayerTree tree = new LayerTree(root);
    tree.walk();
    return tree;
  }

  private record Visit(Inode directory, String path) {}

  private void walk() {
    Deque<Visit> rest = new ArrayDeque<>();
    number(root);
    rest.push(new Visit(root, ""));
    while (!rest.isEmpty()) {
      Visit visit = rest.pop();
      if (visit.directory.entry() == Inode.IMPLIED && visit.directory != root) {
        impliedDirectories.add(visit.path);
      }
      List<Visit> below = numberChildren(visit);
      below.reversed().forEach(rest::push);
    }
  }

  /** Numbers all in a directory next to each other, as whoever lists it looks at them. */
  private List<Visit> numberChildren(Visit visit) {
    List<Visit> below = new ArrayList<>();
    visit.directory.addLinks(2);
    for (Map.Entry<String, Inode> child : visit.directory.children().entrySet()) {
      Inode inode = child.getValue();
      number(inode);
      if (inode.isDirectory()) {
        visit.directory.addLinks(1);
        String prefix = visit.path.isEmpty() ? "" : visit.path + "/";
        below.add(new Visit(inode, prefix + child.getKey()));
      } else {
        inode.addLinks(1);
      }
    }
    return below;
  }

  private void number(Inode inode) {
    if (inode.number() < 0) {
      inode.setNumber(inodes.size());
      inodes.add(inode);
    }
  }

  /**
   * The root directory; 0755, owned by root, last modified in 1970 unless an entry describes it.
   */
  public Inode root() {
    return root;
  }

  /** Every inode once, by {@link Inode#number()}: the root, then directory by directory. */
  public List<Inode> inodes() {
    return Collections.unmodifiableList(inodes);
  }

  /**
   * Paths from the root of directories that entries lie in but none describes, raw text, in the
   * order of inodes. They are 0755, owned by root and last modified in 1970; containerd gives them
   * the attributes that they have in a lower layer.
   */
  public List<String> impliedDirectories() {
    return Collections.unmodifiableList(impliedDirectories);
  }
}
