package dev.longshore.layer.span;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Scans a zstd layer: spans are whole frames, several if they are small. */
final class ZstdScanner extends SpanScanner {
  private final ZstdStream zstd = new ZstdStream();

  /** Where the last frame with output of the span has ended. */
  private long contentEnd;

  private long frameOutput;

  ZstdScanner(SpanCutter cutter) {
    super(Compression.ZSTD, cutter);
  }

  @Override
  void uncompress(ByteBuffer blob) throws IOException {
    while (blob.hasRemaining()) {
      zstd.offer(blob);
      inflate();
    }
  }

  private void inflate() throws IOException {
    while (true) {
      switch (zstd.step(ZstdStream.OUTPUT_BYTES)) {
        case NEEDS_INPUT -> {
          return;
        }
        case FRAME_BEGINS -> {
          frameOutput = 0;
          if (cutter.isLongEnough()) {
            cutter.end(contentEnd, Restart.FRESH);
          }
          if (cutter.length() == 0) {
            cutter.begin(zstd.position());
          }
        }
        case OUTPUT -> {
          frameOutput += zstd.output().remaining();
          cutter.accept(zstd.output());
        }
        case FRAME_ENDED -> {
          if (frameOutput > 0) {
            contentEnd = zstd.position();
          }
        }
      }
    }
  }

  @Override
  void end(long blobSize) throws MalformedLayerException {
    if (blobSize == 0 || !zstd.mayEnd()) {
      throw new MalformedLayerException(
          blobSize, blobSize == 0 ? "a zstd frame" : "the rest of a zstd frame", "the end");
    }
    if (cutter.length() > 0) {
      cutter.end(contentEnd, Restart.FRESH);
    }
  }

  @Override
  public void close() {
    zstd.close();
  }
}
