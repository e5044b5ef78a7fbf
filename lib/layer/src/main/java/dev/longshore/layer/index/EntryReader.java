package dev.longshore.layer.index;

import dev.longshore.layer.RawText;
import dev.longshore.layer.tar.EntryType;
import dev.longshore.layer.tar.Segment;
import dev.longshore.layer.tar.TarEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads what {@link EntryWriter} writes. */
final class EntryReader {
  private static final int MAX_PATH = 4096;
  private static final int MAX_XATTRS = 4096;
  private static final int MAX_XATTR_NAME = 255;
  private static final int MAX_XATTR_VALUE = 64 << 10;
  private static final int MAX_SEGMENTS = 1 << 16;

  /** What an entry takes on a heap without its texts, its segments beyond one and xattrs. */
  private static final int ENTRY_BYTES = 240;

  private static final int SEGMENT_BYTES = 40;
  private static final int XATTR_BYTES = 160;

  private static final int TYPE = 0x07;
  private static final int FLAGS =
      EntryWriter.HAS_NANOS | EntryWriter.HAS_XATTRS | EntryWriter.WHOLE;
  private static final SortedMap<String, String> NO_XATTRS =
      Collections.unmodifiableSortedMap(new TreeMap<>());

  private final ByteSource source;
  private String path = "";
  private long seconds;
  private long stream;
  private long memory;

  /** Reads entries that together may take so many bytes of memory. */
  EntryReader(ByteSource source, long mostMemory) {
    this.source = source;
    this.memory = mostMemory;
  }

  TarEntry read() throws IOException, MalformedIndexException {
    take(ENTRY_BYTES);
    int head = source.octet();
    EntryType type = type(head & TYPE);
    if ((head & ~(TYPE | FLAGS)) != 0) {
      throw new MalformedIndexException("unknown flags in " + head);
    }
    int shared = source.count("a shared beginning", path.length());
    path = path.substring(0, shared) + source.text("a path", MAX_PATH - shared);
    take(path.length());
    int mode = source.count("a mode", 07777);
    long uid = source.number("an owner", 0xffff_ffffL);
    long gid = source.number("a group", 0xffff_ffffL);
    seconds = sum(seconds, source.signed());
    int nanos = (head & EntryWriter.HAS_NANOS) == 0 ? 0 : source.count("nanoseconds", 999_999_999);
    long size = 0;
    List<Segment> data = List.of();
    String target = "";
    int major = 0;
    int minor = 0;
    switch (type) {
      case FILE -> {
        size = source.number();
        data = (head & EntryWriter.WHOLE) == 0 ? segments() : whole(size);
      }
      case HARD_LINK, SYMLINK -> target = source.text("a target", MAX_PATH);
      case CHARACTER_DEVICE, BLOCK_DEVICE -> {
        major = source.count("a major number", Integer.MAX_VALUE);
        minor = source.count("a minor number", Integer.MAX_VALUE);
      }
      case DIRECTORY, FIFO -> {}
    }
    SortedMap<String, String> xattrs = (head & EntryWriter.HAS_XATTRS) == 0 ? NO_XATTRS : xattrs();
    return new TarEntry(
        path, type, mode, uid, gid, seconds, nanos, size, target, major, minor, xattrs, data);
  }

  private List<Segment> whole(long size) throws IOException, MalformedIndexException {
    return List.of(segment(0, source.number(), size));
  }

  private List<Segment> segments() throws IOException, MalformedIndexException {
    int count = source.count("a number of segments", MAX_SEGMENTS);
    List<Segment> segments = new ArrayList<>();
    long file = 0;
    take((long) count * SEGMENT_BYTES);
    for (int i = 0; i < count; i++) {
      long gap = source.number();
      long offset = sum(file, source.number());
      Segment segment = segment(offset, gap, source.number());
      file = segment.fileOffset() + segment.length();
      segments.add(segment);
    }
    return List.copyOf(segments);
  }

  private Segment segment(long fileOffset, long gap, long length) throws MalformedIndexException {
    try {
      Segment segment = new Segment(fileOffset, sum(stream, gap), length);
      stream = segment.streamOffset() + length;
      return segment;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new MalformedIndexException("data of " + length + " bytes: " + e.getMessage(), e);
    }
  }

  private SortedMap<String, String> xattrs() throws IOException, MalformedIndexException {
    int count = source.count("a number of extended attributes", MAX_XATTRS);
    SortedMap<String, String> xattrs = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      String name = source.text("an extended attribute's name", MAX_XATTR_NAME);
      String value = source.text("an extended attribute", MAX_XATTR_VALUE);
      take(XATTR_BYTES + name.length() + value.length());
      xattrs.put(name, value);
    }
    return Collections.unmodifiableSortedMap(xattrs);
  }

  /** What an entry takes on a heap, about. */
  static long memory(TarEntry entry) {
    long bytes = (long) ENTRY_BYTES + entry.path().length() + entry.target().length();
    bytes += (long) entry.data().size() * SEGMENT_BYTES;
    for (var xattr : entry.xattrs().entrySet()) {
      bytes += XATTR_BYTES + xattr.getKey().length() + xattr.getValue().length();
    }
    return bytes;
  }

  /** Counts what has been taken, before much more is. */
  private void take(long bytes) throws MalformedIndexException {
    memory -= bytes;
    if (memory < 0) {
      throw new MalformedIndexException(
          "its entries take more memory than is allowed for; '"
              + RawText.readable(path)
              + "' was the last");
    }
  }

  private static EntryType type(int code) throws MalformedIndexException {
    for (EntryType type : EntryType.values()) {
      if (type.code() == code) {
        return type;
      }
    }
    throw new MalformedIndexException("no entry has type " + code);
  }

  private static long sum(long one, long other) throws MalformedIndexException {
    try {
      return Math.addExact(one, other);
    } catch (ArithmeticException e) {
      throw new MalformedIndexException("a number overflows", e);
    }
  }
}
