package dev.longshore.layer.span;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.layer.span.TestBlobs.Shape;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever passes through takes no memory of the heap. */
class SpanAllocationTest {
  private static final int CHUNK = 1_000;

  /** Less than the smallest object for every other chunk. */
  private static final int NOTHING = 8;

  /** What zstd-jni makes of the two buffers on its way to native code, until that is compiled. */
  private static final int ZSTD_JNI = 256;

  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "GZIP_6", "GZIP_STORED", "ZSTD_ONE_FRAME"})
  void scanAndRead_oneSpanInManyChunks_allocateNothingAChunk(Shape shape) throws IOException {
    byte[] blob = shape.compress(TestBlobs.stream(20260616, 3_000_000));
    List<Span> spans = new ArrayList<>();
    long most = shape.compression == Compression.ZSTD ? ZSTD_JNI : NOTHING;

    try (SpanScanner scanner =
            SpanScanner.of(shape.compression, 1 << 30, output -> {}, spans::add);
        SpanReader reader = new SpanReader()) {
      assertThat(allocated(blob, scanner::scan)).as("scanned").isLessThan(most);
      scanner.finish();
      reader.begin(spans.getFirst(), shape.compression, output -> {});
      assertThat(allocated(blob, reader::feed)).as("read").isLessThan(most);
      reader.finish();
    }
  }

  private interface Step {
    void accept(ByteBuffer chunk) throws IOException;
  }

  /** Bytes that this thread allocates a chunk, once each step was taken a few times. */
  private static long allocated(byte[] blob, Step step) throws IOException {
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    ByteBuffer all = ByteBuffer.allocateDirect(blob.length).put(blob);
    long before = 0;
    int chunks = 0;
    for (int at = 0; at < blob.length; at += CHUNK) {
      if (at == 100 * CHUNK) {
        before = threads.getCurrentThreadAllocatedBytes();
        chunks = 0;
      }
      step.accept(all.limit(Math.min(blob.length, at + CHUNK)).position(at));
      chunks++;
    }
    return (threads.getCurrentThreadAllocatedBytes() - before) / chunks;
  }
}
