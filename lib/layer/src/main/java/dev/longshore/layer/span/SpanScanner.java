package dev.longshore.layer.span;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Uncompresses a layer as it streams by and finds the spans that it can be read in later.
 *
 * <p>Spans have about the size that is asked for where the compressed data allow: they begin with a
 * deflate block, a gzip member or a zstd frame, so a layer that is one frame is one span. The same
 * blob and size give the same spans, however the blob comes in.
 *
 * <p>Memory is bounded, whatever the blob says: 400 KiB for gzip, and for zstd 256 KiB and what the
 * frame asks for, at most 128 MiB and refused beyond. Beside the spans that it finds it allocates
 * nothing as it goes. Owned by one thread at a time; once anything was thrown it can only be
 * closed.
 */
public abstract sealed class SpanScanner implements AutoCloseable
    permits GzipScanner, PlainScanner, ZstdScanner {

  /**
   * What a span has of output, about, if nothing else is asked for: the smaller, the less is
   * fetched for a read, and the more windows an index has, at 512 KiB a hundredth of the layer.
   */
  public static final long DEFAULT_SPAN = 512 << 10;

  final SpanCutter cutter;
  private final Compression compression;
  private long blobSize;

  SpanScanner(Compression compression, SpanCutter cutter) {
    this.compression = compression;
    this.cutter = cutter;
  }

  /**
   * A scanner of one layer.
   *
   * @param span bytes of output that a span is to have, at least 1
   * @param output gets the uncompressed stream; what it throws goes on to the caller of {@link
   *     #scan}
   * @param spans gets each span, in order, after all of its output
   */
  public static SpanScanner of(
      Compression compression, long span, SpanSink output, Consumer<Span> spans) {
    if (span < 1) {
      throw new IllegalArgumentException("a span has at least one byte, asked for " + span);
    }
    SpanCutter cutter = new SpanCutter(span, output, spans);
    return switch (compression) {
      case NONE -> new PlainScanner(cutter);
      case GZIP -> new GzipScanner(cutter);
      case ZSTD -> new ZstdScanner(cutter);
    };
  }

  /**
   * Scans the next bytes of the blob.
   *
   * @param blob from its position to its limit, where its position is afterwards; not changed
   * @throws MalformedLayerException if the blob is not what it has to be
   */
  public final void scan(ByteBuffer blob) throws IOException {
    blobSize += blob.remaining();
    uncompress(blob);
  }

  /**
   * Ends the last span, where the blob ends.
   *
   * @throws MalformedLayerException if the blob cannot end here
   */
  public final ScannedLayer finish() throws MalformedLayerException {
    end(blobSize);
    return cutter.finish(compression, blobSize);
  }

  /** Takes all of these bytes. */
  abstract void uncompress(ByteBuffer blob) throws IOException;

  /** Ends the last span if there is one, or throws. */
  abstract void end(long blobSize) throws MalformedLayerException;

  @Override
  public abstract void close();
}
