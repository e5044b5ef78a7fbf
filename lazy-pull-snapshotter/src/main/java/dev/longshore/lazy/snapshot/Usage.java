package dev.longshore.lazy.snapshot;

/**
 * What something takes on disk.
 *
 * @param bytes in whole blocks, not what is apparent
 * @param inodes a file with several names is one
 */
public record Usage(long bytes, long inodes) {
  /** Nothing at all. */
  public static final Usage NONE = new Usage(0, 0);
}
