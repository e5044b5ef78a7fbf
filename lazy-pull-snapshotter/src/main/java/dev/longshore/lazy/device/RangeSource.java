package dev.longshore.lazy.device;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Where the compressed bytes of layers come from. Safe for many threads. */
public interface RangeSource {

  /**
   * Reads a range of a blob, verified, and hands it over in order; blocks.
   *
   * @param offset of the range, bytes
   * @param length bytes, at least 1
   * @throws IOException if not all of it could be had; some may have been handed over
   */
  void read(Digest blob, long offset, long length, Receiver receiver) throws IOException;

  /** Takes bytes as they come. */
  @FunctionalInterface
  interface Receiver {
    /**
     * Takes the next bytes.
     *
     * @param bytes from position to limit; the source's, who uses them again afterwards
     */
    void accept(ByteBuffer bytes) throws IOException;
  }
}
