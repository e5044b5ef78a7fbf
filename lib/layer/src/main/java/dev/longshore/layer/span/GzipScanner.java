package dev.longshore.layer.span;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Scans a gzip layer: spans begin with members where they can, else with blocks within them. */
final class GzipScanner extends SpanScanner {
  private final GzipStream gzip = new GzipStream();
  private final WindowSieve sieve = new WindowSieve();

  /** Whether the span has begun within a member, so that the sieve has its window. */
  private boolean midway;

  /** Where the last member with output of the span has ended. */
  private long contentEnd;

  private long memberOutput;

  GzipScanner(SpanCutter cutter) {
    super(Compression.GZIP, cutter);
  }

  @Override
  void uncompress(ByteBuffer blob) throws IOException {
    while (blob.hasRemaining()) {
      int from = blob.position();
      gzip.inflater().input().offer(blob);
      sieve.offer(blob, from);
      inflate();
    }
  }

  private void inflate() throws IOException {
    while (true) {
      switch (gzip.step(RawInflater.OUTPUT_BYTES)) {
        case NEEDS_INPUT -> {
          return;
        }
        case MEMBER_BEGINS -> beginMember();
        case OUTPUT -> {
          int count = gzip.output().remaining();
          memberOutput += count;
          sieve.produced(count);
          cutter.accept(gzip.output());
        }
        case BLOCK_ENDED -> {
          if (cutter.missing() <= 0) {
            cutter.end(gzip.position(), restart());
            cutter.begin(gzip.position());
            sieve.begin(gzip.inflater());
            midway = true;
          }
        }
        case MEMBER_ENDED -> {
          sieve.stop();
          if (memberOutput > 0 && cutter.length() > 0) {
            contentEnd = gzip.position();
          }
        }
      }
    }
  }

  private void beginMember() {
    memberOutput = 0;
    if (cutter.length() > 0) {
      if (!cutter.isLongEnough()) {
        return;
      }
      cutter.end(contentEnd, restart());
    }
    cutter.begin(gzip.position());
    sieve.stop();
    midway = false;
  }

  private Restart restart() {
    return midway ? sieve.restart() : Restart.FRESH;
  }

  @Override
  void end(long blobSize) throws MalformedLayerException {
    if (blobSize == 0 || !gzip.mayEnd()) {
      throw new MalformedLayerException(
          blobSize, blobSize == 0 ? "a gzip member" : "the rest of a gzip member", "the end");
    }
    if (cutter.length() > 0) {
      cutter.end(contentEnd, restart());
    }
  }

  @Override
  public void close() {}
}
