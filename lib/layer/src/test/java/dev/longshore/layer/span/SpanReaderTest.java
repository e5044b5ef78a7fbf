package dev.longshore.layer.span;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.layer.span.TestBlobs.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SpanReaderTest {
  private static final long SEED = 20260612;
  private static final int SPAN = 64 << 10;

  private final SpanReader reader = new SpanReader();

  @AfterEach
  void close() {
    reader.close();
  }

  private static TestScan scan(Shape shape, byte[] stream, long span) throws IOException {
    return TestScan.of(shape.compression, shape.compress(stream), span);
  }

  private static ByteBuffer input(byte[] blob, Span span) {
    return ByteBuffer.wrap(
        blob, Math.toIntExact(span.inputOffset()), Math.toIntExact(span.inputLength()));
  }

  private static byte[] slice(byte[] stream, Span span) {
    int from = Math.toIntExact(span.streamOffset());
    return Arrays.copyOfRange(stream, from, from + Math.toIntExact(span.streamLength()));
  }

  private byte[] read(Span span, Compression compression, ByteBuffer input) throws IOException {
    ByteBuffer into = ByteBuffer.allocate(Math.toIntExact(span.streamLength()));
    reader.read(span, compression, input, into);
    assertThat(into.hasRemaining()).isFalse();
    return into.array();
  }

  @ParameterizedTest
  @EnumSource
  void read_eachSpanAlone_isThatPartOfTheStream(Shape shape) throws IOException {
    byte[] stream = TestBlobs.stream(SEED, 700_000);
    byte[] blob = shape.compress(stream);
    List<Span> spans = scan(shape, stream, SPAN).spans();

    for (Span span : spans.reversed()) {
      assertThat(read(span, shape.compression, input(blob, span)))
          .as("%s", span)
          .isEqualTo(slice(stream, span));
    }
  }

  @ParameterizedTest
  @EnumSource(
      names = {"GZIP_1", "GZIP_FLUSHED", "GZIP_HUFFMAN_ONLY", "GZIP_MEMBERS_AND_EMPTY_ONES"})
  void read_spanAtEveryBlock_isThatPartOfTheStream(Shape shape) throws IOException {
    byte[] stream = TestBlobs.stream(SEED, 2_000_000);
    byte[] blob = shape.compress(stream);

    for (Span span : scan(shape, stream, 1).spans()) {
      assertThat(read(span, shape.compression, input(blob, span)))
          .as("%s", span)
          .isEqualTo(slice(stream, span));
    }
  }

  @ParameterizedTest
  @EnumSource
  void feed_inPiecesOfAnySize_isThatPartOfTheStream(Shape shape) throws IOException {
    byte[] stream = TestBlobs.stream(SEED, 700_000);
    byte[] blob = shape.compress(stream);
    Random random = new Random(SEED);

    for (Span span : scan(shape, stream, SPAN).spans()) {
      ByteArrayOutputStream output = new ByteArrayOutputStream();
      reader.begin(
          span,
          shape.compression,
          chunk -> {
            byte[] bytes = new byte[chunk.remaining()];
            chunk.get(bytes);
            output.writeBytes(bytes);
          });
      ByteBuffer input = input(blob, span);
      int end = input.limit();
      while (input.position() < end) {
        int count = Math.min(end - input.position(), random.nextInt(5_000));
        reader.feed(input.limit(input.position() + count));
        assertThat(input.hasRemaining()).isFalse();
      }
      reader.finish();

      assertThat(output.toByteArray()).as("seed %d, %s", SEED, span).isEqualTo(slice(stream, span));
    }
  }

  @ParameterizedTest
  @EnumSource
  void read_moreInputThanTheSpanHas_makesNoMoreOutput(Shape shape) throws IOException {
    byte[] stream = TestBlobs.stream(SEED, 300_000);
    byte[] blob = shape.compress(stream);

    for (Span span : scan(shape, stream, SPAN).spans()) {
      ByteBuffer rest = ByteBuffer.wrap(blob).position(Math.toIntExact(span.inputOffset()));

      assertThat(read(span, shape.compression, rest)).isEqualTo(slice(stream, span));
    }
  }

  @ParameterizedTest
  @EnumSource
  void read_inputCutShort_isRefusedNamingTheSpan(Shape shape) throws IOException {
    byte[] stream = TestBlobs.stream(SEED, 300_000);
    byte[] blob = shape.compress(stream);
    Random random = new Random(SEED);

    for (Span span : scan(shape, stream, SPAN).spans()) {
      ByteBuffer input = input(blob, span);
      input.limit(input.position() + random.nextInt(input.remaining() / 2));

      assertThatThrownBy(() -> read(span, shape.compression, input))
          .isInstanceOf(MalformedLayerException.class)
          .hasMessageContaining(span.toString())
          .hasMessageContaining("expected " + span.streamLength() + " bytes of output");
    }
  }

  @ParameterizedTest
  @EnumSource
  void read_damagedInput_isRefusedOrOfNoMatter(Shape shape) throws IOException {
    byte[] stream = TestBlobs.stream(SEED, 100_000);
    byte[] blob = shape.compress(stream);
    List<Span> spans = scan(shape, stream, 20_000).spans();
    Random random = new Random(SEED);
    int refused = 0;

    for (int i = 0; i < 300; i++) {
      Span span = spans.get(random.nextInt(spans.size()));
      byte[] damaged = blob.clone();
      int at = Math.toIntExact(span.inputOffset() + random.nextLong(span.inputLength()));
      damaged[at] ^= (byte) (1 << random.nextInt(8));
      try {
        assertThat(read(span, shape.compression, input(damaged, span)))
            .isEqualTo(slice(stream, span));
      } catch (MalformedLayerException e) {
        assertThat(e).hasMessageContaining(span.toString());
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(200);
  }

  @Test
  void read_anyByteOfAThinnedWindowMissing_isRefused() throws IOException {
    byte[] stream = TestBlobs.stream(SEED, 700_000);
    byte[] blob = Shape.GZIP_6.compress(stream);
    Random random = new Random(SEED);
    int kept = 0;
    int windows = 0;

    for (Span span : scan(Shape.GZIP_6, stream, SPAN).spans()) {
      if (span.restart() instanceof Restart.Midway(int bits, Window window)) {
        windows++;
        for (int at = 0; at < window.length(); at++) {
          byte[] bytes = window.bytes();
          if (bytes[at] == 0) {
            continue;
          }
          kept++;
          if (random.nextInt(100) == 0) {
            bytes[at] = 0;
            Span wrong = with(span, new Restart.Midway(bits, Window.of(bytes)));
            assertThatThrownBy(() -> read(wrong, Compression.GZIP, input(blob, wrong)))
                .isInstanceOf(MalformedLayerException.class)
                .hasMessageContaining("digest");
          }
        }
      }
    }
    assertThat(windows).isGreaterThan(5);
    assertThat(kept).isPositive().isLessThan(windows * Window.MAX_BYTES * 3 / 4);
  }

  @Test
  void read_windowTooShortForAReference_isRefused() throws IOException {
    byte[] stream = TestBlobs.stream(SEED, 300_000);
    byte[] blob = Shape.GZIP_6.compress(stream);
    Span span = scan(Shape.GZIP_6, stream, SPAN).spans().get(1);
    Span wrong = with(span, new Restart.Midway(span.restart().bits(), Window.of(new byte[0])));

    assertThatThrownBy(() -> read(wrong, Compression.GZIP, input(blob, wrong)))
        .isInstanceOf(MalformedLayerException.class)
        .hasMessageContaining("expected deflate data")
        .hasMessageContaining("distance");
  }

  @Test
  void read_otherBits_isRefused() throws IOException {
    byte[] stream = TestBlobs.stream(SEED, 300_000);
    byte[] blob = Shape.GZIP_6.compress(stream);
    Span span = scan(Shape.GZIP_6, stream, SPAN).spans().get(1);
    for (int bits = 0; bits < 8; bits++) {
      if (bits != span.restart().bits()
          && span.restart() instanceof Restart.Midway(int _, Window window)) {
        Span wrong = with(span, new Restart.Midway(bits, window));
        assertThatThrownBy(() -> read(wrong, Compression.GZIP, input(blob, wrong)))
            .isInstanceOf(MalformedLayerException.class);
      }
    }
  }

  private static Span with(Span span, Restart restart) {
    return new Span(
        span.blobOffset(),
        span.blobLength(),
        span.streamOffset(),
        span.streamLength(),
        restart,
        span.digest());
  }

  @Test
  void read_byManyThreads_eachItsOwnReader_allSucceed() throws Exception {
    byte[] stream = TestBlobs.stream(SEED, 700_000);
    byte[] blob = Shape.GZIP_6.compress(stream);
    List<Span> spans = scan(Shape.GZIP_6, stream, SPAN).spans();

    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> reads =
          IntStream.range(0, 8)
              .<Future<?>>mapToObj(i ->
                  threads.submit(() -> {
                    try (SpanReader own = new SpanReader()) {
                      for (Span span : spans) {
                        int length = Math.toIntExact(span.streamLength());
                        ByteBuffer into = ByteBuffer.allocateDirect(length);
                        own.read(span, Compression.GZIP, input(blob, span), into);
                      }
                    }
                    return null;
                  }))
              .toList();
      for (Future<?> read : reads) {
        assertThat(get(read)).isNull();
      }
    }
  }

  private static Object get(Future<?> read) throws InterruptedException, ExecutionException {
    return read.get();
  }

  @Test
  void read_noRoom_isRefused() throws IOException {
    byte[] stream = TestBlobs.stream(SEED, 1_000);
    Span span = scan(Shape.PLAIN, stream, SPAN).spans().getFirst();

    assertThatThrownBy(
            () -> reader.read(span, Compression.NONE, input(stream, span), ByteBuffer.allocate(9)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("there are 9 bytes");
  }

  @Test
  void feed_nothingBegun_isRefused() {
    assertThatThrownBy(() -> reader.feed(ByteBuffer.allocate(1)))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(reader::finish).isInstanceOf(IllegalStateException.class);
  }
}
