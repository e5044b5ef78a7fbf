package dev.longshore.layer.tree;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A file, directory or anything else of a layer, which several names may lead to.
 *
 * <p>Written by the tree while it is made and never after.
 */
public final class Inode {

  /** What an inode is. A whiteout is a character device 0:0, as overlayfs has it. */
  public enum Kind {
    FILE,
    DIRECTORY,
    SYMLINK,
    CHARACTER_DEVICE,
    BLOCK_DEVICE,
    FIFO
  }

  /** The entry of what no entry describes. */
  static final int IMPLIED = -1;

  private static final SortedMap<String, Inode> NONE = Collections.emptySortedMap();

  private final Kind kind;
  private final Inode parent;
  private final int depth;
  private final SortedMap<String, Inode> children;
  private Attributes attributes;
  private int entry;
  private int links;
  private int number = -1;

  private Inode(Kind kind, Attributes attributes, int entry, @Nullable Inode parent) {
    this.kind = kind;
    this.attributes = attributes;
    this.entry = entry;
    this.parent = parent == null ? this : parent;
    this.depth = parent == null ? 0 : parent.depth + 1;
    this.children = kind == Kind.DIRECTORY ? new TreeMap<>() : NONE;
  }

  static Inode root(Attributes attributes) {
    return new Inode(Kind.DIRECTORY, attributes, IMPLIED, null);
  }

  static Inode in(Inode parent, Kind kind, Attributes attributes, int entry) {
    return new Inode(kind, attributes, entry, parent);
  }

  /** What it is. */
  public Kind kind() {
    return kind;
  }

  /** Who owns it, its times and all else that is not a child. */
  public Attributes attributes() {
    return attributes;
  }

  /** Index of the tar entry that it comes from, counted from 0; -1 if the tree needed it. */
  public int entry() {
    return entry;
  }

  /** Its place in {@link LayerTree#inodes()}. */
  public int number() {
    return number;
  }

  /** The directory that it was first put in; the root is its own. */
  public Inode parent() {
    return parent;
  }

  /** Names in this directory, raw text, in the order of their bytes; empty for all else. */
  public SortedMap<String, Inode> children() {
    return Collections.unmodifiableSortedMap(children);
  }

  /** Names that lead here; for a directory 2 and one for each directory in it. */
  public int links() {
    return links;
  }

  /** Directories above it, 0 for the root. */
  int depth() {
    return depth;
  }

  boolean isDirectory() {
    return kind == Kind.DIRECTORY;
  }

  @Nullable Inode child(String name) {
    return children.get(name);
  }

  /** Puts this under a name of this directory, in place of what was there. */
  void put(String name, Inode child) {
    children.put(name, child);
  }

  void remove(String name) {
    children.remove(name);
  }

  void set(Attributes attributes) {
    this.attributes = attributes;
  }

  /** From now on this comes from an entry. */
  void setEntry(int entry) {
    this.entry = entry;
  }

  void setNumber(int number) {
    this.number = number;
  }

  void addLinks(int more) {
    links += more;
  }
}
