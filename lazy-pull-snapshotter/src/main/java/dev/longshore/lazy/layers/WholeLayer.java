package dev.longshore.lazy.layers;

import dev.longshore.layer.index.LayerIndex;
import dev.longshore.layer.index.LayerIndexBuilder;
import dev.longshore.layer.index.UnindexedLayerException;
import dev.longshore.layer.span.Compression;
import dev.longshore.layer.span.SpanScanner;
import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Fetches a layer that has no index, whole: its files go to the device as it streams by, and its
 * index is made on the way.
 */
final class WholeLayer {
  private final Digest layer;
  private final FileChannel device;
  private final ByteBuffer beginning = ByteBuffer.allocate(Compression.DETECT_BYTES);
  private @Nullable LayerIndexBuilder builder;

  private WholeLayer(Digest layer, FileChannel device) {
    this.layer = layer;
    this.device = device;
  }

  /**
   * Fetches a layer and writes its files to this folder's device.
   *
   * @throws UnindexedLayerException if it cannot be a file system of its own
   */
  static LayerIndex fetch(LayerSource source, Digest layer, LayerFolder into)
      throws IOException, UnindexedLayerException {
    try (FileChannel device =
        FileChannel.open(into.data(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      return new WholeLayer(layer, device).fetch(source);
    }
  }

  private LayerIndex fetch(LayerSource source) throws IOException, UnindexedLayerException {
    try {
      source.readAll(layer, this::take);
      return built(beginning.flip()).finish();
    } catch (Unindexed e) {
      throw e.reason;
    } finally {
      if (builder != null) {
        builder.close();
      }
    }
  }

  private static final class Unindexed extends IOException {
    private final UnindexedLayerException reason;

    Unindexed(UnindexedLayerException reason) {
      super(reason);
      this.reason = reason;
    }
  }

  private void take(ByteBuffer bytes) throws IOException {
    try {
      if (builder != null) {
        builder.write(bytes);
        return;
      }
      while (beginning.hasRemaining() && bytes.hasRemaining()) {
        beginning.put(bytes.get());
      }
      if (!beginning.hasRemaining()) {
        built(beginning.flip()).write(bytes);
      }
    } catch (UnindexedLayerException e) {
      throw new Unindexed(e);
    }
  }

  /** The builder, made when how the layer begins is known, and given that. */
  private LayerIndexBuilder built(ByteBuffer first) throws IOException, UnindexedLayerException {
    LayerIndexBuilder made = builder;
    if (made == null) {
      made =
          new LayerIndexBuilder(
              layer,
              Compression.detect(first),
              SpanScanner.DEFAULT_SPAN,
              IndexMemory.most(),
              this::write);
      builder = made;
      made.write(first);
    }
    return made;
  }

  private void write(long offset, ByteBuffer bytes) throws IOException {
    long at = offset;
    while (bytes.hasRemaining()) {
      at += device.write(bytes, at);
    }
  }
}
