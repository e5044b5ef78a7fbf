package dev.longshore.layer.tree;

import java.util.SortedMap;

/**
 * What {@code stat} and {@code listxattr} say of an inode.
 *
 * @param mode permission bits with set-user-ID, set-group-ID and sticky: 0 to 07777
 * @param uid owner, 0 to 2^32 - 1
 * @param gid group, 0 to 2^32 - 1
 * @param seconds last modification, since 1970; may be negative
 * @param nanos fraction of that second, 0 to 999,999,999
 * @param size of a file in bytes; 0 for all else
 * @param target of a symlink, raw text; empty for all else
 * @param major of a device; 0 for all else
 * @param minor of a device; 0 for all else
 * @param xattrs full name ({@code trusted.overlay.opaque}) to value, both raw text
 */
public record Attributes(
    int mode,
    long uid,
    long gid,
    long seconds,
    int nanos,
    long size,
    String target,
    int major,
    int minor,
    SortedMap<String, String> xattrs) {

  /** The same with other extended attributes. */
  Attributes withXattrs(SortedMap<String, String> others) {
    return new Attributes(mode, uid, gid, seconds, nanos, size, target, major, minor, others);
  }
}
