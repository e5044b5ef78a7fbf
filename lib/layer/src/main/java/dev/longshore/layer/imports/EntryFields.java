package dev.longshore.layer.imports;

import dev.longshore.layer.tar.EntryType;
import dev.longshore.layer.tar.Segment;
import dev.longshore.layer.tar.TarEntry;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;

/**
 * What every table says of an entry, in types of its own, made into a {@link TarEntry}.
 *
 * @param what the table is, for errors
 * @param type {@code dir}, {@code reg} and so on, as all three formats have it
 * @param modified RFC 3339, empty for none
 */
record EntryFields(
    String what,
    String name,
    String type,
    String target,
    String modified,
    long size,
    long mode,
    long uid,
    long gid,
    long major,
    long minor,
    SortedMap<String, String> xattrs) {

  /** Longest file: what a device of a layer can hold. */
  private static final long MAX_SIZE = 1L << 44;

  /** The zero of Go's time, by which its writers mean none. */
  private static final Instant NONE = Instant.parse("0001-01-01T00:00:00Z");

  private static final long MAX_ID = 0xffff_ffffL;

  TarEntry entry(List<Segment> data) throws MalformedImportException {
    EntryType entryType = entryType();
    boolean link = entryType == EntryType.SYMLINK || entryType == EntryType.HARD_LINK;
    boolean device = entryType == EntryType.CHARACTER_DEVICE || entryType == EntryType.BLOCK_DEVICE;
    Instant time = time();
    return new TarEntry(
        name,
        entryType,
        (int) mode & 07777,
        within(MAX_ID, uid, "a uid"),
        within(MAX_ID, gid, "a gid"),
        time.getEpochSecond(),
        time.getNano(),
        entryType == EntryType.FILE ? checkedSize() : 0,
        link ? target : "",
        device ? (int) within(Integer.MAX_VALUE, major, "a device number") : 0,
        device ? (int) within(Integer.MAX_VALUE, minor, "a device number") : 0,
        Collections.unmodifiableSortedMap(xattrs),
        data);
  }

  /** Its size, if it is a file's. */
  long checkedSize() throws MalformedImportException {
    return within(MAX_SIZE, size, "a file's size");
  }

  boolean isFile() {
    return type.equals("reg");
  }

  private EntryType entryType() throws MalformedImportException {
    return switch (type) {
      case "reg" -> EntryType.FILE;
      case "hardlink" -> EntryType.HARD_LINK;
      case "symlink" -> EntryType.SYMLINK;
      case "char" -> EntryType.CHARACTER_DEVICE;
      case "block" -> EntryType.BLOCK_DEVICE;
      case "dir" -> EntryType.DIRECTORY;
      case "fifo" -> EntryType.FIFO;
      default -> throw new MalformedImportException(what, "an entry of a known type", type);
    };
  }

  private Instant time() throws MalformedImportException {
    if (modified.isEmpty()) {
      return Instant.EPOCH;
    }
    try {
      Instant time = Instant.parse(modified);
      return time.equals(NONE) ? Instant.EPOCH : time;
    } catch (DateTimeException e) {
      throw new MalformedImportException(what, "a time of RFC 3339", e);
    }
  }

  private long within(long most, long value, String expected) throws MalformedImportException {
    if (value < 0 || value > most) {
      throw new MalformedImportException(
          what, expected + " from 0 to " + most, String.valueOf(value));
    }
    return value;
  }
}
