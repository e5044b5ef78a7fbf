package dev.longshore.layer.span;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Inflates spans of a zstd layer, which are whole frames. */
final class ZstdSpanInflater implements SpanInflater {
  private final ZstdStream zstd = new ZstdStream();
  private @Nullable SpanOutput output;

  @Override
  public void begin(SpanOutput output) {
    this.output = output;
    zstd.restart(output.span().blobOffset());
  }

  @Override
  public void feed(ByteBuffer input) throws IOException {
    SpanOutput to = output;
    while (to != null && input.hasRemaining() && to.left() > 0) {
      zstd.offer(input);
      inflate(to);
    }
  }

  private void inflate(SpanOutput to) throws IOException {
    while (to.left() > 0) {
      switch (zstd.step(to.left(ZstdStream.OUTPUT_BYTES))) {
        case NEEDS_INPUT -> {
          return;
        }
        case OUTPUT -> to.accept(zstd.output());
        case FRAME_BEGINS, FRAME_ENDED -> {}
      }
    }
  }

  @Override
  public void close() {
    zstd.close();
  }
}
