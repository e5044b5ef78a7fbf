package dev.longshore.layer.tar;

import java.util.List;
import java.util.SortedMap;

/**
 * An entry of a tar stream, with what its PAX and GNU headers say already applied.
 *
 * <p>Nothing here has been judged: a path may be absolute or climb with {@code ..}, a hard link may
 * lead nowhere. Whoever makes a tree of entries decides.
 *
 * @param path as in the archive, raw text ({@link dev.longshore.layer.RawText})
 * @param type what it makes
 * @param mode permission bits with set-user-ID, set-group-ID and sticky: 0 to 07777
 * @param uid owner, 0 to 2^32 - 1
 * @param gid group, 0 to 2^32 - 1
 * @param seconds last modification, since 1970; may be negative
 * @param nanos fraction of that second, 0 to 999,999,999
 * @param size of a file in bytes, holes included; 0 for all else
 * @param target of a symlink or hard link, raw text; empty for all else
 * @param major of a device; 0 for all else
 * @param minor of a device; 0 for all else
 * @param xattrs extended attributes, full name ({@code security.capability}) to value, both raw
 *     text
 * @param data a file's bytes, by ascending offset and without overlap; what none covers is a hole
 */
public record TarEntry(
    String path,
    EntryType type,
    int mode,
    long uid,
    long gid,
    long seconds,
    int nanos,
    long size,
    String target,
    int major,
    int minor,
    SortedMap<String, String> xattrs,
    List<Segment> data) {}
