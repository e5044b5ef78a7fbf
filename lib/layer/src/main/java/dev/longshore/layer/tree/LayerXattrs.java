package dev.longshore.layer.tree;

import dev.longshore.layer.RawText;
import dev.longshore.layer.tree.Inode.Kind;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Decides which extended attributes of an entry its inode gets. */
final class LayerXattrs {

  /*
   * What containerd cannot set on ext4 it leaves out with a warning: attributes of namespaces that
   * the file system does not know, and user.* of what is neither file nor directory (xattr(7)).
   *
   * What overlayfs reads (trusted.overlay.*, and user.overlay.* when mounted with "userxattr") is
   * left out too. containerd sets it as it is in the archive, and so lets a layer redirect a
   * directory or take a file's data from elsewhere in layers that are not its own. Layers say what
   * they hide by whiteouts, and the tree puts overlayfs's form of those in itself.
   */

  static final SortedMap<String, String> NONE = Collections.emptySortedMap();

  /** Longest full name, bytes (XATTR_NAME_MAX). */
  static final int MAX_NAME = 255;

  /** Longest value, bytes: EROFS has 16 bits for it. */
  static final int MAX_VALUE = (1 << 16) - 1;

  /** All names and values of an inode, bytes; EROFS holds twice that with what it adds. */
  static final int MAX_TOTAL = 1 << 17;

  private static final String OPAQUE = "trusted.overlay.opaque";
  private static final String ORIGIN = "trusted.overlay.origin";

  private LayerXattrs() {}

  /**
   * What an inode of a kind gets of the attributes that it has already and those of an entry.
   *
   * @throws Refusal if one is malformed or they are too large
   */
  static SortedMap<String, String> merge(
      SortedMap<String, String> present, SortedMap<String, String> given, Kind kind)
      throws Refusal {
    if (given.isEmpty()) {
      return present;
    }
    TreeMap<String, String> merged = new TreeMap<>(present);
    for (Map.Entry<String, String> xattr : given.entrySet()) {
      String name = xattr.getKey();
      Optional<String> namespace = namespace(name);
      if (namespace.isPresent() && belongs(name, kind)) {
        check(name, namespace.get(), xattr.getValue());
        merged.put(name, xattr.getValue());
      }
    }
    checkTotal(merged);
    return merged.isEmpty() ? NONE : Collections.unmodifiableSortedMap(merged);
  }

  /** The same attributes and those by which overlayfs knows what a directory hides. */
  static SortedMap<String, String> hiding(
      SortedMap<String, String> present, boolean opaque, boolean whiteouts) {
    TreeMap<String, String> more = new TreeMap<>(present);
    if (opaque) {
      more.put(OPAQUE, "y");
    }
    if (whiteouts) {
      more.put(ORIGIN, "");
    }
    return Collections.unmodifiableSortedMap(more);
  }

  private static Optional<String> namespace(String name) {
    if (name.startsWith("trusted.overlay.") || name.startsWith("user.overlay.")) {
      return Optional.empty();
    }
    if (name.equals("system.posix_acl_access") || name.equals("system.posix_acl_default")) {
      return Optional.of("system.");
    }
    for (String known : new String[] {"user.", "trusted.", "security."}) {
      if (name.startsWith(known)) {
        return Optional.of(known);
      }
    }
    return Optional.empty();
  }

  private static boolean belongs(String name, Kind kind) {
    if (name.startsWith("user.")) {
      return kind == Kind.FILE || kind == Kind.DIRECTORY;
    }
    if (name.startsWith("system.")) {
      return kind != Kind.SYMLINK
          && (kind == Kind.DIRECTORY || !name.equals("system.posix_acl_default"));
    }
    return true;
  }

  private static void check(String name, String namespace, String value) throws Refusal {
    if (name.length() == namespace.length()
        || name.length() > MAX_NAME
        || name.indexOf('\0') >= 0) {
      throw new Refusal(
          "extended attribute '"
              + RawText.readable(name)
              + "' has a name that Linux does not take");
    }
    if (value.length() > MAX_VALUE) {
      throw new Refusal(
          "extended attribute '%s' has %d bytes, more than %d"
              .formatted(RawText.readable(name), value.length(), MAX_VALUE));
    }
  }

  private static void checkTotal(SortedMap<String, String> xattrs) throws Refusal {
    long total = 0;
    for (Map.Entry<String, String> xattr : xattrs.entrySet()) {
      total += xattr.getKey().length() + xattr.getValue().length();
    }
    if (total > MAX_TOTAL) {
      throw new Refusal(
          "its extended attributes have %d bytes, more than %d".formatted(total, MAX_TOTAL));
    }
  }
}
