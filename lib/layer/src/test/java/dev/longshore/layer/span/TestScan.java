package dev.longshore.layer.span;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** All that comes of scanning a blob. */
final class TestScan {
  private final ScannedLayer layer;
  private final List<Span> spans;
  private final byte[] stream;

  private TestScan(ScannedLayer layer, List<Span> spans, byte[] stream) {
    this.layer = layer;
    this.spans = spans;
    this.stream = stream;
  }

  ScannedLayer layer() {
    return layer;
  }

  List<Span> spans() {
    return spans;
  }

  byte[] stream() {
    return stream;
  }

  /** Scans it at once. */
  static TestScan of(Compression compression, byte[] blob, long span) throws IOException {
    return of(compression, blob, span, null);
  }

  /** Scans it in pieces of any size, down to none, direct buffers and arrays. */
  static TestScan of(Compression compression, byte[] blob, long span, @Nullable Random splits)
      throws IOException {
    List<Span> spans = new ArrayList<>();
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    SpanSink sink =
        output -> {
          byte[] bytes = new byte[output.remaining()];
          output.get(bytes);
          stream.writeBytes(bytes);
        };
    try (SpanScanner scanner = SpanScanner.of(compression, span, sink, spans::add)) {
      for (int at = 0; at < blob.length; ) {
        int count = splits == null ? blob.length : splits.nextInt(1 << (1 + splits.nextInt(17)));
        count = Math.min(count, blob.length - at);
        ByteBuffer chunk = ByteBuffer.wrap(blob, at, count);
        if (splits != null && splits.nextBoolean()) {
          chunk = ByteBuffer.allocateDirect(count).put(chunk).flip();
        }
        scanner.scan(chunk);
        at += count;
      }
      return new TestScan(scanner.finish(), spans, stream.toByteArray());
    }
  }
}
