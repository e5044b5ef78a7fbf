package dev.longshore.layer.span;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Scans a layer that is not compressed: its spans are as long as they are to be. */
final class PlainScanner extends SpanScanner {
  private long position;

  PlainScanner(SpanCutter cutter) {
    super(Compression.NONE, cutter);
  }

  @Override
  void uncompress(ByteBuffer blob) throws IOException {
    int limit = blob.limit();
    while (blob.hasRemaining()) {
      int count = (int) Math.min(blob.remaining(), cutter.missing());
      int end = blob.position() + count;
      cutter.accept(blob.limit(end));
      blob.limit(limit).position(end);
      position += count;
      if (cutter.missing() == 0) {
        cut();
      }
    }
  }

  private void cut() {
    cutter.end(position, Restart.FRESH);
    cutter.begin(position);
  }

  @Override
  void end(long blobSize) {
    if (cutter.length() > 0) {
      cut();
    }
  }

  @Override
  public void close() {}
}
