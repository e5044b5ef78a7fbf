package dev.longshore.layer.tree;

import dev.longshore.layer.RawText;
import dev.longshore.layer.tar.EntryType;
import dev.longshore.layer.tar.TarEntry;
import dev.longshore.layer.tree.Inode.Kind;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Makes the tree of a layer, entry by entry.
 *
 * <p>Not safe for use by several threads, and of no use after {@link #build()}.
 */
public final class LayerTreeBuilder {

  /*
   * The rules are those of containerd, which unpacks a layer into the upper directory of an overlay
   * (pkg/archive/tar.go: applyNaive, createTarFile, mkparent; tar_opts_linux.go): a later entry
   * takes the place of an earlier one of the same path, save that a directory over a directory
   * keeps what is in it and the attributes that the later one does not name; a hard link's header
   * says anew what its inode is like; parents that no entry describes are made.
   *
   * Where they differ: a path that climbs above the root is refused, not clamped to it. A whiteout
   * never hides what its own layer brings (image-spec, layer.md: whiteouts apply to lower layers
   * only), in whichever order the two come; containerd fails on one order and merges directories
   * on the other. A hard link's header keeps the file capabilities that its inode has; chown(2)
   * makes containerd lose them. Times before 1970 stay as they are.
   */

  /** Entries of a layer, and inodes of a tree. */
  public static final int MAX_INODES = 4_000_000;

  /** Longest file, bytes: 4096 chunks of EROFS's largest size. */
  public static final long MAX_FILE_BYTES = 1L << 55;

  /** Deepest directory. */
  public static final int MAX_DEPTH = 2048;

  /** Longest target of a symlink, bytes (PATH_MAX with its NUL). */
  private static final int MAX_TARGET = 4095;

  private static final long MAX_ID = (1L << 32) - 1;
  private static final int MAX_MAJOR = (1 << 12) - 1;
  private static final int MAX_MINOR = (1 << 20) - 1;

  private final Inode root = Inode.root(implied());
  private final ParentWalk walk = new ParentWalk(root, this::makeParent);
  private final Hiding hiding = new Hiding();
  private int entries;
  private int inodes = 1;
  private boolean built;

  /**
   * Unpacks the next entry of the layer.
   *
   * @throws RefusedLayerException if that cannot be done, or not without other layers
   */
  public void add(TarEntry entry) throws RefusedLayerException {
    int number = entries++;
    try {
      unpack(entry, number);
    } catch (Refusal e) {
      throw new RefusedLayerException(number, entry.path(), e.reason());
    }
  }

  /** The tree of all entries so far. */
  public LayerTree build() {
    if (built) {
      throw new IllegalStateException("this tree is built already");
    }
    built = true;
    hiding.apply();
    return LayerTree.of(root);
  }

  private void unpack(TarEntry entry, int number) throws Refusal {
    if (number >= MAX_INODES) {
      throw new Refusal("the layer has more than " + MAX_INODES + " entries");
    }
    List<String> path = EntryPath.clean(entry.path());
    if (EntryPath.isOfAufs(path)) {
      return;
    }
    check(entry);
    if (path.isEmpty()) {
      unpackRoot(entry, number);
      return;
    }
    Inode parent = walk.to(path.subList(0, path.size() - 1));
    String name = path.getLast();
    if (EntryPath.isOpaqueMark(name)) {
      hiding.opaque(parent);
    } else if (EntryPath.isWhiteout(name)) {
      hiding.whiteout(parent, EntryPath.hidden(name), makeWhiteout(parent, entry, number));
    } else if (isWhiteout(entry)) {
      parent.remove(name);
      hiding.whiteout(parent, name, makeWhiteout(parent, entry, number));
    } else {
      unpack(entry, number, parent, name);
    }
  }

  /** containerd passes over every entry of the root; of a directory the tree takes what it says. */
  private void unpackRoot(TarEntry entry, int number) throws Refusal {
    if (entry.type() == EntryType.DIRECTORY) {
      update(root, entry);
      root.setEntry(number);
    }
  }

  private void unpack(TarEntry entry, int number, Inode parent, String name) throws Refusal {
    @Nullable Inode present = parent.child(name);
    if (entry.type() == EntryType.HARD_LINK) {
      parent.remove(name);
      Inode target = linked(entry);
      update(target, entry);
      parent.put(name, target);
    } else if (entry.type() == EntryType.DIRECTORY && present != null && present.isDirectory()) {
      update(present, entry);
      present.setEntry(number);
    } else {
      Kind kind = kind(entry.type());
      parent.put(name, make(parent, kind, attributes(entry, kind), number));
    }
  }

  /** What a hard link leads to; a symlink itself, not what that leads to. */
  private Inode linked(TarEntry entry) throws Refusal {
    List<String> path = EntryPath.clean(entry.target());
    @Nullable Inode target = null;
    if (!path.isEmpty()) {
      @Nullable Inode parent = walk.find(path.subList(0, path.size() - 1));
      target = parent == null ? null : parent.child(path.getLast());
    }
    if (target == null) {
      throw new Refusal(
          "hard link to '%s', which no earlier entry of this layer makes"
              .formatted(RawText.readable(entry.target())));
    }
    if (target.isDirectory()) {
      throw new Refusal(
          "hard link to '%s', which is a directory".formatted(RawText.readable(entry.target())));
    }
    return target;
  }

  private Inode makeParent(Inode parent) throws Refusal {
    return make(parent, Kind.DIRECTORY, implied(), Inode.IMPLIED);
  }

  private Inode make(Inode parent, Kind kind, Attributes attributes, int entry) throws Refusal {
    count();
    if (kind == Kind.DIRECTORY && parent.depth() >= MAX_DEPTH) {
      throw new Refusal("directories are more than " + MAX_DEPTH + " deep");
    }
    return Inode.in(parent, kind, attributes, entry);
  }

  private void count() throws Refusal {
    if (++inodes > MAX_INODES) {
      throw new Refusal("the layer makes more than " + MAX_INODES + " files and directories");
    }
  }

  private static void check(TarEntry entry) throws Refusal {
    if ((entry.mode() & ~07777) != 0
        || entry.uid() < 0
        || entry.uid() > MAX_ID
        || entry.gid() < 0
        || entry.gid() > MAX_ID
        || entry.nanos() < 0
        || entry.nanos() > 999_999_999
        || entry.size() < 0) {
      throw new Refusal("its mode, owner, time or size is out of range");
    }
    if (entry.size() > MAX_FILE_BYTES) {
      throw new Refusal("it has %d bytes, more than %d".formatted(entry.size(), MAX_FILE_BYTES));
    }
    switch (entry.type()) {
      case CHARACTER_DEVICE, BLOCK_DEVICE -> checkDevice(entry);
      case SYMLINK -> checkSymlink(entry);
      case FILE, HARD_LINK, DIRECTORY, FIFO -> {}
    }
  }

  private static void checkDevice(TarEntry entry) throws Refusal {
    if (entry.major() < 0
        || entry.major() > MAX_MAJOR
        || entry.minor() < 0
        || entry.minor() > MAX_MINOR) {
      throw new Refusal(
          "it is device %d:%d, and Linux has none above %d:%d"
              .formatted(entry.major(), entry.minor(), MAX_MAJOR, MAX_MINOR));
    }
  }

  private static void checkSymlink(TarEntry entry) throws Refusal {
    String target = entry.target();
    if (target.isEmpty() || target.length() > MAX_TARGET || target.indexOf('\0') >= 0) {
      throw new Refusal(
          "it is a symlink to a path of %d bytes; 1 to %d without NUL can be one"
              .formatted(target.length(), MAX_TARGET));
    }
  }

  private static Kind kind(EntryType type) {
    return switch (type) {
      case FILE -> Kind.FILE;
      case SYMLINK -> Kind.SYMLINK;
      case CHARACTER_DEVICE -> Kind.CHARACTER_DEVICE;
      case BLOCK_DEVICE -> Kind.BLOCK_DEVICE;
      case DIRECTORY -> Kind.DIRECTORY;
      case FIFO -> Kind.FIFO;
      case HARD_LINK ->
          throw new IllegalArgumentException(type.name().toLowerCase(Locale.ROOT) + " is no kind");
    };
  }

  /** Attributes of a new inode. */
  private static Attributes attributes(TarEntry entry, Kind kind) throws Refusal {
    boolean device = kind == Kind.CHARACTER_DEVICE || kind == Kind.BLOCK_DEVICE;
    return new Attributes(
        mode(entry, kind),
        entry.uid(),
        entry.gid(),
        entry.seconds(),
        entry.nanos(),
        kind == Kind.FILE ? entry.size() : 0,
        kind == Kind.SYMLINK ? entry.target() : "",
        device ? entry.major() : 0,
        device ? entry.minor() : 0,
        LayerXattrs.merge(LayerXattrs.NONE, entry.xattrs(), kind));
  }

  /** Gives an inode that is there the attributes that an entry names; what it is stays. */
  private static void update(Inode inode, TarEntry entry) throws Refusal {
    Attributes present = inode.attributes();
    inode.set(
        new Attributes(
            mode(entry, inode.kind()),
            entry.uid(),
            entry.gid(),
            entry.seconds(),
            entry.nanos(),
            present.size(),
            present.target(),
            present.major(),
            present.minor(),
            LayerXattrs.merge(present.xattrs(), entry.xattrs(), inode.kind())));
  }

  /** Linux has no permissions of symlinks and shows all of them. */
  private static int mode(TarEntry entry, Kind kind) {
    return kind == Kind.SYMLINK ? 0777 : entry.mode();
  }

  /**
   * Whether an entry is a whiteout in overlayfs's form already, which containerd leaves as it is.
   */
  private static boolean isWhiteout(TarEntry entry) {
    return entry.type() == EntryType.CHARACTER_DEVICE && entry.major() == 0 && entry.minor() == 0;
  }

  private Inode makeWhiteout(Inode parent, TarEntry entry, int number) throws Refusal {
    return make(
        parent,
        Kind.CHARACTER_DEVICE,
        new Attributes(
            0,
            entry.uid(),
            entry.gid(),
            entry.seconds(),
            entry.nanos(),
            0,
            "",
            0,
            0,
            LayerXattrs.NONE),
        number);
  }

  /** Attributes of a directory that no entry describes. */
  private static Attributes implied() {
    return new Attributes(0755, 0, 0, 0, 0, 0, "", 0, 0, LayerXattrs.NONE);
  }
}
