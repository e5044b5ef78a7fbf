package dev.longshore.layer.tree;

import java.util.ArrayList;
import java.util.List;

/** Takes paths of tar entries apart, as Go's {@code filepath.Clean} does for containerd. */
final class EntryPath {

  /** Longest path, bytes (PATH_MAX). */
  static final int MAX_PATH = 4096;

  /** Longest name in a directory, bytes (NAME_MAX). */
  static final int MAX_NAME = 255;

  private static final String WHITEOUT = ".wh.";
  private static final String AUFS = WHITEOUT + WHITEOUT;
  private static final String OPAQUE = AUFS + ".opq";

  private EntryPath() {}

  /**
   * The names of a path from the root, none of them empty, {@code .} or {@code ..}; an absolute
   * path is one from the root too.
   *
   * @throws Refusal if it climbs above the root or is too long
   */
  static List<String> clean(String path) throws Refusal {
    if (path.length() > MAX_PATH) {
      throw new Refusal("its path has " + path.length() + " bytes, more than " + MAX_PATH);
    }
    if (path.indexOf('\0') >= 0) {
      throw new Refusal("its path has a NUL");
    }
    List<String> names = new ArrayList<>();
    for (String name : split(path)) {
      if (!name.equals("..")) {
        names.add(name);
      } else if (names.isEmpty()) {
        throw new Refusal("its path climbs above the root");
      } else {
        names.removeLast();
      }
    }
    for (int i = 0; i < names.size(); i++) {
      checkLength(names.get(i), i == names.size() - 1);
    }
    return names;
  }

  /** The names between slashes, without empty ones and {@code .}. */
  static List<String> split(String path) {
    List<String> names = new ArrayList<>();
    int start = 0;
    while (start <= path.length()) {
      int slash = path.indexOf('/', start);
      int end = slash < 0 ? path.length() : slash;
      if (end > start && !(end == start + 1 && path.charAt(start) == '.')) {
        names.add(path.substring(start, end));
      }
      start = end + 1;
    }
    return names;
  }

  /** A whiteout's own name never is one of a file system: what it hides may have all the room. */
  private static void checkLength(String name, boolean last) throws Refusal {
    int longest = last && isWhiteout(name) ? MAX_NAME + WHITEOUT.length() : MAX_NAME;
    if (name.length() > longest) {
      throw new Refusal(
          "a name in its path has " + name.length() + " bytes, more than " + MAX_NAME);
    }
  }

  /** Whether this name says that nothing of lower layers is in the directory. */
  static boolean isOpaqueMark(String name) {
    return name.equals(OPAQUE);
  }

  /** Whether this name says that another is not there, though lower layers have it. */
  static boolean isWhiteout(String name) {
    return name.startsWith(WHITEOUT);
  }

  /**
   * The name that a whiteout hides.
   *
   * @throws Refusal if it hides no name of its directory
   */
  static String hidden(String whiteout) throws Refusal {
    String name = whiteout.substring(WHITEOUT.length());
    if (name.isEmpty() || name.equals(".") || name.equals("..")) {
      throw new Refusal("it is a whiteout of no name");
    }
    return name;
  }

  /** Whether a path leads to notes of the aufs file system, which are no part of the layer. */
  static boolean isOfAufs(List<String> names) {
    for (String name : names) {
      if (name.startsWith(AUFS) && !name.equals(OPAQUE)) {
        return true;
      }
    }
    return false;
  }
}
