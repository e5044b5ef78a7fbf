package dev.longshore.layer.span;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Hands on spans that are not compressed. */
final class PlainSpanInflater implements SpanInflater {
  private @Nullable SpanOutput output;

  @Override
  public void begin(SpanOutput output) {
    this.output = output;
  }

  @Override
  public void feed(ByteBuffer input) throws IOException {
    if (output == null || output.left() == 0 || !input.hasRemaining()) {
      return;
    }
    int limit = input.limit();
    int end = input.position() + output.left(input.remaining());
    output.accept(input.limit(end));
    input.limit(limit).position(end);
  }

  @Override
  public void close() {}
}
