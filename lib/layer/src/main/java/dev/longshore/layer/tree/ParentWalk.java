package dev.longshore.layer.tree;

import dev.longshore.layer.RawText;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the directory that a path leads to, through symlinks of the layer, never above its root.
 */
final class ParentWalk {

  /*
   * containerd resolves symlinks among an entry's parents within the directory that it unpacks the
   * layer into (continuity: fs.RootPath), and does not look at lower layers. Where such a symlink
   * leads to nothing of this layer, what is meant lies in a lower one, where it may be anything;
   * such a layer is refused.
   */

  /** Symlinks on the way to one directory, as many as containerd follows. */
  static final int MAX_HOPS = 255;

  /** Names looked up for a whole layer, so that a hostile one costs seconds at most. */
  static final long MAX_STEPS = 1L << 26;

  private final Inode root;
  private final Maker maker;
  private long steps;

  ParentWalk(Inode root, Maker maker) {
    this.root = root;
    this.maker = maker;
  }

  /** Makes a directory that no entry describes. */
  interface Maker {
    Inode in(Inode parent) throws Refusal;
  }

  /** The directory at a clean path; it and its parents are made where there are none. */
  Inode to(List<String> path) throws Refusal {
    Inode directory = walk(path, maker);
    if (directory == null) {
      throw new IllegalStateException("a directory was neither found nor made");
    }
    return directory;
  }

  /** The directory at a clean path, null where there is none. */
  @Nullable Inode find(List<String> path) throws Refusal {
    return walk(path, null);
  }

  private @Nullable Inode walk(List<String> path, @Nullable Maker missing) throws Refusal {
    Inode directory = root;
    Deque<String> ofLinks = new ArrayDeque<>();
    String link = "";
    int hops = 0;
    int next = 0;
    while (next < path.size() || !ofLinks.isEmpty()) {
      if (++steps > MAX_STEPS) {
        throw new Refusal("the layer's paths take more than " + MAX_STEPS + " steps");
      }
      boolean ofLink = !ofLinks.isEmpty();
      String name = ofLink ? ofLinks.removeFirst() : path.get(next++);
      @Nullable Inode child = name.equals("..") ? directory.parent() : directory.child(name);
      if (child == null && missing != null && !ofLink) {
        child = missing.in(directory);
        directory.put(name, child);
      }
      if (child == null) {
        if (ofLink && missing != null) {
          throw new Refusal(
              "its path leads through a symlink to '%s', which is not in this layer"
                  .formatted(RawText.readable(link)));
        }
        return null;
      }
      switch (child.kind()) {
        case DIRECTORY -> directory = child;
        case SYMLINK -> {
          if (++hops > MAX_HOPS) {
            throw new Refusal("its path leads through more than " + MAX_HOPS + " symlinks");
          }
          link = child.attributes().target();
          EntryPath.split(link).reversed().forEach(ofLinks::addFirst);
          if (link.startsWith("/")) {
            directory = root;
          }
        }
        case FILE, CHARACTER_DEVICE, BLOCK_DEVICE, FIFO ->
            throw new Refusal(
                "its path leads through '%s', which is no directory"
                    .formatted(RawText.readable(name)));
      }
    }
    return directory;
  }
}
