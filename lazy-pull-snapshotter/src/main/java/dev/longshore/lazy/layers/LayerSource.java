package dev.longshore.lazy.layers;

import dev.longshore.layer.index.LayerIndex;
import dev.longshore.lazy.device.RangeSource;
import dev.longshore.oci.Digest;
import java.io.IOException;
import java.util.Optional;

/** Where layers of one repository come from. Safe for many threads. */
public interface LayerSource extends RangeSource {

  /**
   * The index of a layer, if somebody has made one; checked to hold together and to be of this
   * layer, from somebody who is trusted.
   */
  Optional<LayerIndex> index(Digest layer) throws IOException;

  /** Reads all of a layer, as {@link #read}. */
  void readAll(Digest layer, Receiver receiver) throws IOException;

  /** Where the layers of an image come from. */
  @FunctionalInterface
  interface Finder {
    /**
     * The source of an image's layers.
     *
     * @param image its reference; what follows the repository does not matter
     */
    LayerSource of(String image) throws IOException;
  }
}
