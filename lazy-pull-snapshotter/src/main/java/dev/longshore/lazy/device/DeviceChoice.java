package dev.longshore.lazy.device;

/** The setting {@code --device}. */
public enum DeviceChoice {
  /** The first of these that this kernel can do. */
  AUTO,
  FANOTIFY,
  FUSE,
  PLAIN
}
