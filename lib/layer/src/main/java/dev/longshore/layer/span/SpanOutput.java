package dev.longshore.layer.span;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/** The output of one span: counts, hashes and hands on. */
final class SpanOutput {
  private final Span span;
  private final SpanSink sink;
  private final MessageDigest hasher;
  private long left;

  SpanOutput(Span span, SpanSink sink) {
    this.span = span;
    this.sink = sink;
    this.hasher = span.digest().algorithm().newHasher();
    this.left = span.streamLength();
  }

  Span span() {
    return span;
  }

  /** Bytes that the span still has. */
  long left() {
    return left;
  }

  /** Bytes that the span still has, as far as a buffer goes. */
  int left(int most) {
    return (int) Math.min(left, most);
  }

  /** Takes output, at least one byte and at most what is left. */
  void accept(ByteBuffer output) throws IOException {
    int from = output.position();
    left -= output.remaining();
    hasher.update(output);
    sink.accept(output.position(from));
  }

  /** Checks that it was all and what it was to be. */
  void finish(long blobPosition) throws MalformedLayerException {
    if (left > 0) {
      throw new MalformedLayerException(
          blobPosition,
          span.streamLength() + " bytes of output",
          "the end after " + (span.streamLength() - left));
    }
    Digest found = Digest.of(span.digest().algorithm(), hasher.digest());
    if (!found.equals(span.digest())) {
      throw new MalformedLayerException(
          span.blobOffset(), "output with digest " + span.digest(), found.toString());
    }
  }
}
