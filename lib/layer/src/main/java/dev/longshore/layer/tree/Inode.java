package dev.longshore.layer.tree;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

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

  private final Kind kind;
  private final Attributes attributes;
  private final int entry;
  private final SortedMap<String, Inode> children = new TreeMap<>();
  private int links;

  Inode(Kind kind, Attributes attributes, int entry) {
    this.kind = kind;
    this.attributes = attributes;
    this.entry = entry;
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

  /** Names in this directory, raw text, in the order of their bytes; empty for all else. */
  public SortedMap<String, Inode> children() {
    return Collections.unmodifiableSortedMap(children);
  }

  /** Names that lead here; for a directory 2 and one for each directory in it. */
  public int links() {
    return links;
  }
}
