package dev.longshore.layer.span;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Inflates spans of one compression, one after another. */
sealed interface SpanInflater extends AutoCloseable
    permits GzipSpanInflater, PlainSpanInflater, ZstdSpanInflater {

  /** Begins a span, whatever became of the last one. */
  void begin(SpanOutput output);

  /**
   * Takes the next bytes of the span's input, as many as are of use, until there is no output left.
   */
  void feed(ByteBuffer input) throws IOException;

  @Override
  void close();
}
