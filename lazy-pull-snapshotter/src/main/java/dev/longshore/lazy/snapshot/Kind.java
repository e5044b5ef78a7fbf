package dev.longshore.lazy.snapshot;

import java.util.Locale;

/** What a snapshot is for. */
public enum Kind {
  /** Mounted read-only by whoever made it. */
  VIEW(1),
  /** Mounted read-write; may be committed. */
  ACTIVE(2),
  /** Unchanging, and the only kind that can be a parent. */
  COMMITTED(3);

  private final int code;

  Kind(int code) {
    this.code = code;
  }

  /** As records and containerd's protocol have it. */
  int code() {
    return code;
  }

  static Kind ofCode(int code) {
    return switch (code) {
      case 1 -> VIEW;
      case 2 -> ACTIVE;
      case 3 -> COMMITTED;
      default -> throw new IllegalArgumentException("no kind of snapshot has code " + code);
    };
  }

  /** As filters name it. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
