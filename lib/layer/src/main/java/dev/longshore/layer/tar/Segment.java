package dev.longshore.layer.tar;

/**
 * Bytes of a file and where they lie in the tar stream.
 *
 * @param fileOffset in the file, bytes
 * @param streamOffset in the uncompressed tar stream, bytes
 * @param length bytes, at least 1
 */
public record Segment(long fileOffset, long streamOffset, long length) {
  public Segment {
    if (fileOffset < 0 || streamOffset < 0 || length < 1) {
      throw new IllegalArgumentException(
          "not a segment: file offset %d, stream offset %d, %d bytes"
              .formatted(fileOffset, streamOffset, length));
    }
    Math.addExact(fileOffset, length);
    Math.addExact(streamOffset, length);
  }
}
