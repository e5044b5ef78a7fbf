package dev.longshore.lazy.layers;

import dev.longshore.lazy.device.RangeSource;
import dev.longshore.oci.Digest;
import java.io.IOException;
import java.util.Optional;

/** Where layers of one repository come from. Safe for many threads. */
public interface LayerSource extends RangeSource {

  /**
   * The encoded index of a layer, if somebody has made one who is trusted; what it says has not
   * been checked.
   */
  Optional<byte[]> index(Digest layer) throws IOException;

  /** Compressed bytes of a layer. */
  long size(Digest layer) throws IOException;

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
