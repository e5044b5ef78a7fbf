package dev.longshore.layer.span;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes uncompressed bytes of a layer, in order and without a gap. */
@FunctionalInterface
public interface SpanSink {

  /**
   * Takes the next bytes.
   *
   * @param output from its position to its limit, at least one byte; a direct buffer or an array's.
   *     It belongs to the caller, who uses it again once this returns; its contents must not be
   *     changed, its position may.
   */
  void accept(ByteBuffer output) throws IOException;
}
