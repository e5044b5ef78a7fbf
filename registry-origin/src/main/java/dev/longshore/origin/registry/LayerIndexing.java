package dev.longshore.origin.registry;

import dev.longshore.layer.index.LayerIndexBuilder;
import dev.longshore.layer.index.UnindexedLayerException;
import dev.longshore.layer.span.Compression;
import dev.longshore.layer.span.MalformedLayerException;
import dev.longshore.layer.span.SpanScanner;
import dev.longshore.layer.span.Window;
import dev.longshore.origin.metadata.BlobRow;
import dev.longshore.origin.store.BlobReader;
import dev.longshore.origin.store.BlobStore;
import dev.longshore.piece.IndexStatement;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.BooleanSupplier;

/** Reads a layer from the store and makes its index, within bounds whatever was pushed. */
final class LayerIndexing {
  private static final int READ_BYTES = 1 << 20;

  /*
   * What one layer may take at most, whoever made it: the entries and the windows while it is read,
   * and twice the index, which is mostly windows, while that is written. Two at a time fit into the
   * heap of an origin (origin.args).
   */

  /** Some 150,000 files. */
  private static final long ENTRIES_MEMORY = 48L << 20;

  /** How many spans a layer is to have; one of gzip keeps the 32 KiB that come before it. */
  private static final int USUAL_SPANS = 1024;

  private static final long WINDOWS_MEMORY = 5L * USUAL_SPANS / 4 * Window.MAX_BYTES;

  /** What compressed layers uncompress to, times their size, about. */
  private static final int USUAL_RATIO = 4;

  /** Beyond these a blob was made to keep us busy. */
  private static final long ALWAYS_ALLOWED = 4L << 30;

  private static final int LARGEST_RATIO = 32;

  private final BlobStore store;
  private final BooleanSupplier stopped;

  /**
   * An indexing of blobs in a store.
   *
   * @param stopped whether to leave off, asked again and again
   */
  LayerIndexing(BlobStore store, BooleanSupplier stopped) {
    this.store = store;
    this.stopped = stopped;
  }

  /**
   * The encoded index of a layer.
   *
   * @throws NoIndexException if it can have none
   * @throws java.nio.file.NoSuchFileException if it was deleted
   */
  byte[] index(BlobRow layer) throws IOException, NoIndexException {
    try (BlobReader in = store.open(layer.key());
        LayerIndexBuilder builder = builder(layer, in)) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
      for (long at = 0; at < layer.size(); at += buffer.limit()) {
        if (stopped.getAsBoolean()) {
          throw new InterruptedIOException("the origin is stopping");
        }
        buffer.clear().limit((int) Math.min(READ_BYTES, layer.size() - at));
        in.read(at, buffer);
        builder.write(buffer.flip());
      }
      return bounded(builder.finish().encode());
    } catch (UnindexedLayerException | MalformedLayerException e) {
      throw new NoIndexException(String.valueOf(e.getMessage()), e);
    }
  }

  private static LayerIndexBuilder builder(BlobRow layer, BlobReader in) throws IOException {
    ByteBuffer first = ByteBuffer.allocate((int) Math.min(Compression.DETECT_BYTES, layer.size()));
    in.read(0, first);
    Compression compression = Compression.detect(first.flip());
    long said = compression == Compression.GZIP ? sizeInTrailer(layer, in) : 0;
    return new LayerIndexBuilder(
        layer.digest(),
        compression,
        spanBytes(layer.size(), said),
        new LayerIndexBuilder.Bounds(
            ENTRIES_MEMORY, WINDOWS_MEMORY, Math.max(ALWAYS_ALLOWED, LARGEST_RATIO * layer.size())),
        LayerIndexBuilder.FileBytes.NOBODY);
  }

  /**
   * What gzip says of the size of its output (RFC 1952, section 2.3.1), modulo 4 GiB and of the
   * last member only: a hint, which nothing but the size of spans depends on.
   */
  private static long sizeInTrailer(BlobRow layer, BlobReader in) throws IOException {
    if (layer.size() < Integer.BYTES) {
      return 0;
    }
    ByteBuffer trailer = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    in.read(layer.size() - Integer.BYTES, trailer);
    return Integer.toUnsignedLong(trailer.getInt(0));
  }

  /** Larger layers have larger spans, so that none has many more than {@link #USUAL_SPANS}. */
  static long spanBytes(long layerBytes, long streamBytes) {
    long expected = Math.max(USUAL_RATIO * layerBytes, streamBytes);
    return Math.max(SpanScanner.DEFAULT_SPAN, expected / USUAL_SPANS);
  }

  private static byte[] bounded(byte[] index) throws NoIndexException {
    if (index.length > IndexStatement.LARGEST_INDEX) {
      throw new NoIndexException(
          "its index would have %d bytes, and one has at most %d"
              .formatted(index.length, IndexStatement.LARGEST_INDEX));
    }
    return index;
  }
}
