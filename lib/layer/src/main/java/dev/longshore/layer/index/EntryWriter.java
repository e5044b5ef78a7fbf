package dev.longshore.layer.index;

import dev.longshore.layer.tar.Segment;
import dev.longshore.layer.tar.TarEntry;
import java.util.List;

/** Writes the entries of a table of contents, each as what differs from the one before. */
final class EntryWriter {

  /*
   * Paths share their beginning with the one before; times and places are differences, since files
   * of one package were made together and lie one after the other. zstd finds the rest. The data of
   * a file without holes is one number: how far behind the data before it begins.
   */

  /** Flags of an entry, above its type's code. */
  static final int HAS_NANOS = 0x08;

  static final int HAS_XATTRS = 0x10;

  /** Data is one segment, all of the file. */
  static final int WHOLE = 0x20;

  private final ByteSink sink;
  private String path = "";
  private long seconds;
  private long stream;

  EntryWriter(ByteSink sink) {
    this.sink = sink;
  }

  void write(TarEntry entry) {
    boolean whole = isWhole(entry);
    sink.octet(
        entry.type().code()
            | (entry.nanos() != 0 ? HAS_NANOS : 0)
            | (entry.xattrs().isEmpty() ? 0 : HAS_XATTRS)
            | (whole ? WHOLE : 0));
    int shared = sharedLength(path, entry.path());
    sink.number(shared);
    sink.text(entry.path().substring(shared));
    path = entry.path();
    sink.number(entry.mode());
    sink.number(entry.uid());
    sink.number(entry.gid());
    sink.signed(Math.subtractExact(entry.seconds(), seconds));
    seconds = entry.seconds();
    if (entry.nanos() != 0) {
      sink.number(entry.nanos());
    }
    switch (entry.type()) {
      case FILE -> writeData(entry, whole);
      case HARD_LINK, SYMLINK -> sink.text(entry.target());
      case CHARACTER_DEVICE, BLOCK_DEVICE -> {
        sink.number(entry.major());
        sink.number(entry.minor());
      }
      case DIRECTORY, FIFO -> {}
    }
    if (!entry.xattrs().isEmpty()) {
      sink.number(entry.xattrs().size());
      entry
          .xattrs()
          .forEach((name, value) -> {
            sink.text(name);
            sink.text(value);
          });
    }
  }

  private void writeData(TarEntry entry, boolean whole) {
    sink.number(entry.size());
    List<Segment> data = entry.data();
    if (!whole) {
      sink.number(data.size());
    }
    long file = 0;
    for (Segment segment : data) {
      sink.number(segment.streamOffset() - stream);
      stream = segment.streamOffset() + segment.length();
      if (!whole) {
        sink.number(segment.fileOffset() - file);
        sink.number(segment.length());
        file = segment.fileOffset() + segment.length();
      }
    }
  }

  private static boolean isWhole(TarEntry entry) {
    return entry.data().size() == 1 && entry.data().getFirst().length() == entry.size();
  }

  private static int sharedLength(String before, String path) {
    int most = Math.min(before.length(), path.length());
    int shared = 0;
    while (shared < most && before.charAt(shared) == path.charAt(shared)) {
      shared++;
    }
    return shared;
  }
}
