package dev.longshore.lazy.device;

/** How the kernel is given a layer's bytes. */
public enum DeviceKind {
  /** A sparse file that is marked: whoever reads a hole waits (fanotify(7), Linux 6.14). */
  FANOTIFY,

  /** A file that the keeper serves through FUSE. */
  FUSE,

  /** A file that is complete before it is mounted. */
  PLAIN
}
