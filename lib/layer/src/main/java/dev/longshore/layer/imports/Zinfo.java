package dev.longshore.layer.imports;

import dev.longshore.layer.span.Restart;
import dev.longshore.layer.span.Window;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The checkpoints of a ztoc, which split a layer into spans (soci-snapshotter, ztoc/compression).
 *
 * <p>Of gzip: the number of points, 32 bits, and the size of spans, 64 bits, then of each point
 * where it is in the blob and in the stream, 64 bits each, how many bits of the byte before belong
 * to it, 8 bits, and the 32 KiB of output before it; little-endian. Version 1 leaves the first
 * point out, which only the length tells: it is taken to be right after a gzip header of 10 bytes.
 */
final class Zinfo {
  static final String WHAT = "zinfo";

  /** Most points: with spans of 4 MiB a layer of 256 GiB, far beyond the limit on a ztoc's size. */
  static final int MAX_POINTS = 1 << 16;

  private static final int HEADER = 12;
  private static final int POINT = 17 + Window.MAX_BYTES;
  private static final int SHORTEST_GZIP_HEADER = 10;

  // Fields of the FlatBuffer that an uncompressed layer has instead (zinfo.fbs).
  private static final int TAR_SPAN_SIZE = 1;
  private static final int TAR_SIZE = 2;

  /**
   * A point.
   *
   * @param blobOffset of the first whole byte
   * @param bits of the byte before
   */
  record Point(long blobOffset, long streamOffset, int bits, Restart restart) {

    /** Where in the blob the first byte is that any bit of the span is in. */
    long firstByte() {
      return bits == 0 ? blobOffset : blobOffset - 1;
    }
  }

  private Zinfo() {}

  /** Points of a gzip layer, by ascending offset. */
  static List<Point> gzip(byte[] bytes) throws MalformedImportException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int count = bytes.length < HEADER ? 0 : buffer.getInt();
    long inVersion2 = HEADER + (long) count * POINT;
    boolean version1 = bytes.length == inVersion2 - POINT;
    if (count < 1 || count > MAX_POINTS || (bytes.length != inVersion2 && !version1)) {
      throw new MalformedImportException(
          WHAT, count + " points of " + POINT + " bytes", bytes.length + " bytes");
    }
    buffer.position(HEADER);
    List<Point> points = new ArrayList<>(count);
    if (version1) {
      points.add(new Point(SHORTEST_GZIP_HEADER, 0, 0, new Restart.Fresh()));
    }
    while (buffer.hasRemaining()) {
      points.add(point(buffer));
    }
    checkOrder(points);
    return points;
  }

  private static Point point(ByteBuffer buffer) throws MalformedImportException {
    long blobOffset = buffer.getLong();
    long streamOffset = buffer.getLong();
    int bits = buffer.get();
    byte[] window = new byte[Window.MAX_BYTES];
    buffer.get(window);
    if (bits < 0 || bits > 7) {
      throw new MalformedImportException(WHAT, "0 to 7 bits of a byte", bits + " bits");
    }
    Restart restart =
        streamOffset == 0 ? new Restart.Fresh() : new Restart.Midway(bits, Window.of(window));
    return new Point(blobOffset, streamOffset, bits, restart);
  }

  private static void checkOrder(List<Point> points) throws MalformedImportException {
    long blob = 0;
    long stream = -1;
    for (Point point : points) {
      if (point.blobOffset <= blob || point.streamOffset <= stream) {
        throw new MalformedImportException(
            WHAT, "points in order", "%d after %d".formatted(point.blobOffset, blob));
      }
      blob = point.blobOffset;
      stream = point.streamOffset;
    }
    if (points.getFirst().streamOffset != 0) {
      throw new MalformedImportException(
          WHAT, "a point at the start", "the first at " + points.getFirst().streamOffset);
    }
  }

  /** Points of a layer that is not compressed. */
  static List<Point> tar(byte[] bytes) throws MalformedImportException {
    FlatTable table = FlatTable.root(WHAT, bytes);
    long spanSize = table.getLong(TAR_SPAN_SIZE);
    long size = table.getLong(TAR_SIZE);
    if (spanSize < 1 || size < 1 || (size - 1) / spanSize >= MAX_POINTS) {
      throw new MalformedImportException(
          WHAT, "1 to " + MAX_POINTS + " spans", size + " bytes in spans of " + spanSize);
    }
    List<Point> points = new ArrayList<>();
    for (long i = 0; i <= (size - 1) / spanSize; i++) {
      points.add(new Point(i * spanSize, i * spanSize, 0, new Restart.Fresh()));
    }
    return points;
  }
}
