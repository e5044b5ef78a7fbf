package dev.longshore.layer.index;

import dev.longshore.layer.device.DeviceExtent;
import dev.longshore.layer.device.DeviceLayout;
import dev.longshore.layer.span.Compression;
import dev.longshore.layer.span.MalformedLayerException;
import dev.longshore.layer.span.Restart;
import dev.longshore.layer.span.ScannedLayer;
import dev.longshore.layer.span.Span;
import dev.longshore.layer.span.SpanScanner;
import dev.longshore.layer.tar.MalformedTarException;
import dev.longshore.layer.tar.TarEntry;
import dev.longshore.layer.tar.TarParser;
import dev.longshore.layer.tree.LayerTree;
import dev.longshore.layer.tree.RefusedLayerException;
import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Builds the index of a layer from its compressed bytes in one pass, and hands on what its files
 * hold, each byte with its place on the device.
 *
 * <p>So a layer that is fetched whole needs no second look: once it has streamed by, its device is
 * full and its index is there. Not for several threads; once anything was thrown it can only be
 * closed.
 */
public final class LayerIndexBuilder implements AutoCloseable {
  private final Digest layer;
  private final Bounds bounds;
  private final FileBytes files;
  private final SpanScanner scanner;
  private final Compression compression;
  private final List<Span> spans = new ArrayList<>();
  private final List<TarEntry> entries = new ArrayList<>();
  private final DeviceLayout layout = new DeviceLayout();
  private final Deque<DeviceExtent> coming = new ArrayDeque<>();
  private final TarParser parser = new TarParser(this::place);
  private long memory;
  private long windows;
  private long position;

  /** Takes what files hold, as a layer streams by. */
  @FunctionalInterface
  public interface FileBytes {

    /** What becomes of them when nobody wants them. */
    FileBytes NOBODY = (_, _) -> {};

    /**
     * Takes some bytes of one file.
     *
     * @param deviceOffset where they belong on the device
     * @param bytes from position to limit; the builder's, who uses it again afterwards
     */
    void accept(long deviceOffset, ByteBuffer bytes) throws IOException;
  }

  /**
   * A builder for one layer.
   *
   * @param layer digest of the blob; that the bytes have it is the caller's to check
   * @param compression of the blob
   * @param spanBytes of output that a span is to have, about
   * @param mostMemory that its entries may take, bytes
   * @param files gets what the files hold
   */
  public LayerIndexBuilder(
      Digest layer, Compression compression, long spanBytes, long mostMemory, FileBytes files) {
    this(
        layer,
        compression,
        spanBytes,
        new Bounds(mostMemory, Long.MAX_VALUE, Long.MAX_VALUE),
        files);
  }

  /**
   * A builder for one layer of anybody's, who may have made it to take all memory or all time.
   *
   * @see #LayerIndexBuilder(Digest, Compression, long, long, FileBytes)
   */
  public LayerIndexBuilder(
      Digest layer, Compression compression, long spanBytes, Bounds bounds, FileBytes files) {
    this.layer = layer;
    this.compression = compression;
    this.bounds = bounds;
    this.files = files;
    this.scanner = SpanScanner.of(compression, spanBytes, this::take, this::add);
  }

  /**
   * What a layer may take; beyond any of it there is no index.
   *
   * @param entries memory that its entries may take, bytes
   * @param windows memory that the windows of its spans may take, bytes
   * @param stream bytes that it may uncompress to
   */
  public record Bounds(long entries, long windows, long stream) {}

  /**
   * Takes the next bytes of the blob.
   *
   * @param blob from its position to its limit, where its position is afterwards
   * @throws MalformedLayerException if it is not compressed as it should be
   * @throws UnindexedLayerException if it is no tar stream, or takes more than it may
   */
  public void write(ByteBuffer blob) throws IOException, UnindexedLayerException {
    try {
      scanner.scan(blob);
    } catch (Stopped e) {
      throw e.reason;
    }
  }

  /** Brings a reason not to go on through the scanner. */
  private static final class Stopped extends IOException {
    private final UnindexedLayerException reason;

    Stopped(UnindexedLayerException reason) {
      super(reason);
      this.reason = reason;
    }
  }

  /** The uncompressed stream: first what it says of files, then what they hold. */
  private void take(ByteBuffer output) throws IOException {
    int from = output.position();
    int length = output.remaining();
    try {
      parser.feed(output.duplicate());
    } catch (MalformedTarException e) {
      throw new Stopped(new UnindexedLayerException("not a tar stream: " + e.getMessage(), e));
    } catch (IllegalArgumentException e) {
      throw new Stopped(new UnindexedLayerException(String.valueOf(e.getMessage()), e));
    }
    hand(output, from, length);
    position += length;
    if (position > bounds.stream()) {
      throw new Stopped(
          new UnindexedLayerException(
              "it uncompresses to more than %d bytes".formatted(bounds.stream())));
    }
    if (windows > bounds.windows()) {
      throw new Stopped(
          new UnindexedLayerException(
              "the windows of its spans take more than %d bytes of memory, %d of them so far"
                  .formatted(bounds.windows(), spans.size())));
    }
  }

  private void add(Span span) {
    if (span.restart() instanceof Restart.Midway midway) {
      windows += midway.window().length();
    }
    spans.add(span);
  }

  private void place(TarEntry entry) {
    memory += EntryReader.memory(entry);
    if (memory > bounds.entries()) {
      throw new IllegalArgumentException(
          "its entries take more than %d bytes of memory, %d of them so far"
              .formatted(bounds.entries(), entries.size()));
    }
    entries.add(entry);
    coming.addAll(layout.place(entry));
  }

  private void hand(ByteBuffer output, int from, int length) throws IOException {
    long end = position + length;
    while (!coming.isEmpty() && coming.getFirst().streamOffset() < end) {
      DeviceExtent extent = coming.getFirst();
      long extentEnd = extent.streamOffset() + extent.length();
      long start = Math.max(position, extent.streamOffset());
      long stop = Math.min(end, extentEnd);
      files.accept(
          extent.deviceOffset() + (start - extent.streamOffset()),
          output.slice(from + (int) (start - position), (int) (stop - start)));
      if (extentEnd > end) {
        return;
      }
      coming.removeFirst();
    }
  }

  /**
   * Ends the layer.
   *
   * @throws MalformedLayerException if the blob cannot end here
   * @throws UnindexedLayerException if the archive cannot, or its entries make no tree without
   *     other layers
   */
  public LayerIndex finish() throws MalformedLayerException, UnindexedLayerException {
    ScannedLayer scanned = scanner.finish();
    try {
      parser.finish();
      var _ = LayerTree.of(entries);
    } catch (MalformedTarException e) {
      throw new UnindexedLayerException("not a tar stream: " + e.getMessage(), e);
    } catch (RefusedLayerException e) {
      throw new UnindexedLayerException(String.valueOf(e.getMessage()), e);
    }
    return new LayerIndex(
        layer,
        scanned.blobSize(),
        compression,
        scanned.diffId(),
        scanned.streamSize(),
        entries,
        spans);
  }

  /** Bytes of the device so far. */
  public long deviceSize() {
    return layout.size();
  }

  @Override
  public void close() {
    scanner.close();
  }
}
