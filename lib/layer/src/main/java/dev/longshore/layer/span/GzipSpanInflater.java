package dev.longshore.layer.span;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Inflates spans of a gzip layer, which begin with a member or within one. */
final class GzipSpanInflater implements SpanInflater {
  private final GzipStream gzip = new GzipStream();
  private @Nullable SpanOutput output;

  /** How the span restarts, until the byte before it is there. */
  private Restart.@Nullable Midway pending;

  @Override
  public void begin(SpanOutput output) {
    this.output = output;
    pending = null;
    gzip.restart(output.span().blobOffset());
    switch (output.span().restart()) {
      case Restart.Fresh _ -> {}
      case Restart.Midway midway when midway.bits() == 0 -> resume(midway, 0);
      case Restart.Midway midway -> pending = midway;
    }
  }

  private void resume(Restart.Midway midway, int lastByte) {
    gzip.resume(midway.bits(), lastByte, midway.window().array());
    pending = null;
  }

  @Override
  public void feed(ByteBuffer input) throws IOException {
    SpanOutput to = output;
    if (to == null) {
      return;
    }
    if (pending != null && input.hasRemaining()) {
      resume(pending, input.get());
    }
    while (input.hasRemaining() && to.left() > 0) {
      gzip.inflater().input().offer(input);
      inflate(to);
    }
  }

  private void inflate(SpanOutput to) throws IOException {
    while (to.left() > 0) {
      switch (gzip.step(to.left(RawInflater.OUTPUT_BYTES))) {
        case NEEDS_INPUT -> {
          return;
        }
        case OUTPUT -> to.accept(gzip.output());
        case MEMBER_BEGINS, BLOCK_ENDED, MEMBER_ENDED -> {}
      }
    }
  }

  @Override
  public void close() {}
}
