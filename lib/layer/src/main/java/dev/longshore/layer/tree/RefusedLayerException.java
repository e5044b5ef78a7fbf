package dev.longshore.layer.tree;

import dev.longshore.layer.RawText;

/** Says that an entry of a layer makes no tree, and so the layer cannot be lazy. */
public final class RefusedLayerException extends Exception {
  private static final long serialVersionUID = 1;

  private final int entry;
  private final String path;
  private final String reason;

  RefusedLayerException(int entry, String path, String reason) {
    super("entry %d of the layer, %s: %s".formatted(entry, RawText.readable(path), reason));
    this.entry = entry;
    this.path = path;
    this.reason = reason;
  }

  /** Index of the entry in the tar stream, counted from 0. */
  public int entry() {
    return entry;
  }

  /** The entry's path as in the archive, raw text. */
  public String path() {
    return path;
  }

  /** What is wrong with it, for people to read. */
  public String reason() {
    return reason;
  }
}
