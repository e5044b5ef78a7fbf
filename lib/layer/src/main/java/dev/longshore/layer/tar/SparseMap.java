package dev.longshore.layer.tar;

import java.util.ArrayList;
import java.util.List;

/** Which ranges of a sparse file are in the archive, checked as they are added. */
final class SparseMap {

  /** Most segments of one file. */
  static final int MAX_SEGMENTS = 1 << 16;

  private record Range(long offset, long length) {}

  private final long headerOffset;
  private final long size;
  private final List<Range> ranges = new ArrayList<>();
  private int added;
  private long end;
  private long stored;

  /**
   * An empty map.
   *
   * @param headerOffset in the stream, where to say that something is wrong
   * @param size of the file with its holes, not negative
   */
  SparseMap(long headerOffset, long size) {
    this.headerOffset = headerOffset;
    this.size = size;
  }

  /** Size of the file with its holes. */
  long size() {
    return size;
  }

  /** Adds the next segment. One without bytes, by which GNU tar marks the end, leaves no trace. */
  void add(long offset, long length) throws MalformedTarException {
    if (++added > MAX_SEGMENTS) {
      throw refused("at most " + MAX_SEGMENTS + " segments", "more");
    }
    if (offset < end) {
      throw refused("a segment at " + end + " or later", "one at " + offset);
    }
    if (length < 0 || offset > size - length) {
      throw refused("segments within " + size + " bytes", length + " bytes at " + offset);
    }
    if (length > 0) {
      ranges.add(new Range(offset, length));
    }
    end = offset + length;
    stored += length;
  }

  /**
   * Where the file's bytes are.
   *
   * @param streamOffset of the first
   * @param available how many the archive has, which must be as many as the map says
   */
  List<Segment> segments(long streamOffset, long available) throws MalformedTarException {
    if (stored != available) {
      throw refused("a map of the " + available + " bytes that are stored", "one of " + stored);
    }
    List<Segment> segments = new ArrayList<>(ranges.size());
    long at = streamOffset;
    for (Range range : ranges) {
      Segment last = segments.isEmpty() ? null : segments.getLast();
      if (last != null && last.fileOffset() + last.length() == range.offset) {
        segments.removeLast();
        segments.add(
            new Segment(last.fileOffset(), last.streamOffset(), last.length() + range.length));
      } else {
        segments.add(new Segment(range.offset, at, range.length));
      }
      at += range.length;
    }
    return List.copyOf(segments);
  }

  MalformedTarException refused(String expected, String found) {
    return new MalformedTarException(headerOffset, "a sparse file with " + expected, found);
  }
}
