package dev.longshore.layer.tar;

/** What an entry of a tar stream makes. The code is ours and never changes. */
public enum EntryType {
  FILE(1),
  HARD_LINK(2),
  SYMLINK(3),
  CHARACTER_DEVICE(4),
  BLOCK_DEVICE(5),
  DIRECTORY(6),
  FIFO(7);

  private final int code;

  EntryType(int code) {
    this.code = code;
  }

  /** One byte that stands for this type in a layer index. */
  public int code() {
    return code;
  }
}
