package dev.longshore.layer.erofs;

import dev.longshore.layer.tree.Inode;
import java.io.IOException;
import java.util.Map;

/** Extended attributes as they lie behind an inode: a header, then entry after entry. */
final class Xattrs {

  private static final int HEADER = 12;
  private static final int ENTRY = 4;

  /** What names begin with, and the number that stands for it. */
  private enum Prefix {
    USER(1, "user."),
    ACL_ACCESS(2, "system.posix_acl_access"),
    ACL_DEFAULT(3, "system.posix_acl_default"),
    TRUSTED(4, "trusted."),
    SECURITY(6, "security.");

    private final int index;
    private final String text;

    Prefix(int index, String text) {
      this.index = index;
      this.text = text;
    }

    static Prefix of(String name) {
      for (Prefix prefix : values()) {
        if (name.startsWith(prefix.text)) {
          return prefix;
        }
      }
      throw new IllegalArgumentException("EROFS has no attributes such as '" + name + "'");
    }
  }

  private Xattrs() {}

  /** Bytes of all of an inode's attributes, a multiple of 4; 0 if it has none. */
  static int size(Inode inode) {
    Map<String, String> xattrs = inode.attributes().xattrs();
    if (xattrs.isEmpty()) {
      return 0;
    }
    int size = HEADER;
    for (Map.Entry<String, String> xattr : xattrs.entrySet()) {
      size += entrySize(suffix(xattr.getKey()), xattr.getValue());
    }
    return size;
  }

  /** The size as the inode has it: words of 4 bytes, the whole header being one. */
  static int count(Inode inode) {
    int size = size(inode);
    return size == 0 ? 0 : (size - HEADER) / ENTRY + 1;
  }

  static void write(Inode inode, ImageSink sink) throws IOException {
    Map<String, String> xattrs = inode.attributes().xattrs();
    if (xattrs.isEmpty()) {
      return;
    }
    sink.putZeros(HEADER);
    for (Map.Entry<String, String> xattr : xattrs.entrySet()) {
      String suffix = suffix(xattr.getKey());
      String value = xattr.getValue();
      sink.putByte(suffix.length());
      sink.putByte(Prefix.of(xattr.getKey()).index);
      sink.putShort(value.length());
      sink.putText(suffix);
      sink.putText(value);
      sink.putZeros(entrySize(suffix, value) - ENTRY - suffix.length() - value.length());
    }
  }

  private static String suffix(String name) {
    return name.substring(Prefix.of(name).text.length());
  }

  private static int entrySize(String suffix, String value) {
    return (int) ImagePlan.roundUp(ENTRY + suffix.length() + value.length(), ENTRY);
  }
}
