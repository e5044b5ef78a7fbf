package dev.longshore.layer.span;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.function.Consumer;

/** Cuts a stream of output into spans, hashes them and the whole, and hands the output on. */
final class SpanCutter {
  private final long target;
  private final SpanSink sink;
  private final Consumer<Span> found;
  private final MessageDigest spanHasher = Digest.Algorithm.SHA256.newHasher();
  private final MessageDigest streamHasher = Digest.Algorithm.SHA256.newHasher();
  private long blobOffset;
  private long streamOffset;
  private long length;

  SpanCutter(long target, SpanSink sink, Consumer<Span> found) {
    this.target = target;
    this.sink = sink;
    this.found = found;
  }

  /** Bytes of output of the span so far. */
  long length() {
    return length;
  }

  /** Bytes that the span lacks; may be negative. */
  long missing() {
    return target - length;
  }

  /**
   * Whether to cut where a span can begin without a window. One that is a quarter shorter is better
   * than one that needs to know what was before it.
   */
  boolean isLongEnough() {
    return length >= target - target / 4;
  }

  /** Says where the span begins that has no output yet. */
  void begin(long blobOffset) {
    this.blobOffset = blobOffset;
  }

  /** Takes output of the span, at least one byte. */
  void accept(ByteBuffer output) throws IOException {
    int from = output.position();
    length += output.remaining();
    spanHasher.update(output);
    streamHasher.update(output.position(from));
    sink.accept(output.position(from));
  }

  /** Ends the span, which has output, before this offset of the blob. */
  void end(long blobEnd, Restart restart) {
    Digest digest = Digest.of(Digest.Algorithm.SHA256, spanHasher.digest());
    found.accept(new Span(blobOffset, blobEnd - blobOffset, streamOffset, length, restart, digest));
    streamOffset += length;
    length = 0;
  }

  /** What became of it all, once the last span has ended. */
  ScannedLayer finish(Compression compression, long blobSize) {
    Digest diffId = Digest.of(Digest.Algorithm.SHA256, streamHasher.digest());
    return new ScannedLayer(compression, blobSize, streamOffset, diffId);
  }
}
