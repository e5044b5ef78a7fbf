package dev.longshore.lazy.snapshot;

/** What names records and folders on disk: numbers. */
final class Ids {
  private static final int MAX_DIGITS = 18;

  private Ids() {}

  /** Whether a file's name is an id: then it is ours. */
  static boolean isId(String name) {
    return !name.isEmpty()
        && name.length() <= MAX_DIGITS
        && name.chars().allMatch(c -> c >= '0' && c <= '9');
  }
}
