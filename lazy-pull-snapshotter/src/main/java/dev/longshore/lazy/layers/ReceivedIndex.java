package dev.longshore.lazy.layers;

import dev.longshore.layer.index.LayerIndex;
import dev.longshore.layer.index.MalformedIndexException;
import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An index as it came and what it says, checked to hold together and to be of the right layer. */
final class ReceivedIndex {
  private static final Logger LOG = LoggerFactory.getLogger(ReceivedIndex.class);

  private final LayerIndex index;
  private final byte[] encoded;

  private ReceivedIndex(LayerIndex index, byte[] encoded) {
    this.index = index;
    this.encoded = encoded;
  }

  /** The index of a layer; empty if there is none, or none that can be used, which is logged. */
  static Optional<ReceivedIndex> of(LayerSource source, Digest layer) {
    try {
      Optional<byte[]> encoded = source.index(layer);
      if (encoded.isEmpty()) {
        return Optional.empty();
      }
      LayerIndex index = LayerIndex.decode(ByteBuffer.wrap(encoded.get()), IndexMemory.most());
      if (!index.layer().equals(layer)) {
        throw new MalformedIndexException("it is of layer " + index.layer());
      }
      return Optional.of(new ReceivedIndex(index, encoded.get()));
    } catch (MalformedIndexException | IOException e) {
      LOG.warn("Layer {} is fetched whole: its index cannot be had", layer, e);
      return Optional.empty();
    }
  }

  LayerIndex index() {
    return index;
  }

  /** As it came; not to be changed. */
  byte[] encoded() {
    return encoded;
  }
}
