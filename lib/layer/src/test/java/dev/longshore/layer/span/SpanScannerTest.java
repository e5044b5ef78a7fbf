package dev.longshore.layer.span;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.layer.span.TestBlobs.Shape;
import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SpanScannerTest {
  private static final long SEED = 20260611;
  private static final int SPAN = 64 << 10;

  private TestScan scan(Compression compression, byte[] blob, long span) throws IOException {
    return TestScan.of(compression, blob, span);
  }

  @ParameterizedTest
  @EnumSource
  void scan_anyShape_handsOutTheStreamAndTilesItWithSpans(Shape shape) throws IOException {
    byte[] stream = TestBlobs.stream(SEED, 700_000);
    byte[] blob = shape.compress(stream);

    TestScan scan = scan(shape.compression, blob, SPAN);

    assertThat(scan.stream()).isEqualTo(stream);
    assertThat(scan.layer())
        .isEqualTo(
            new ScannedLayer(shape.compression, blob.length, stream.length, Digest.sha256(stream)));
    long at = 0;
    long blobAt = 0;
    for (Span span : scan.spans()) {
      assertThat(span.streamOffset()).isEqualTo(at);
      assertThat(span.blobOffset()).isGreaterThanOrEqualTo(blobAt);
      at += span.streamLength();
      blobAt = span.blobOffset() + span.blobLength();
      assertThat(span.digest())
          .isEqualTo(
              Digest.sha256(
                  Arrays.copyOfRange(stream, Math.toIntExact(span.streamOffset()), (int) at)));
    }
    assertThat(at).isEqualTo(stream.length);
    assertThat(blobAt).isLessThanOrEqualTo(blob.length);
  }

  @ParameterizedTest
  @EnumSource
  void scan_inPiecesOfAnySize_findsTheSameSpans(Shape shape) throws IOException {
    byte[] blob = shape.compress(TestBlobs.stream(SEED, 700_000));
    TestScan whole = scan(shape.compression, blob, SPAN);

    for (long seed = SEED; seed < SEED + 5; seed++) {
      TestScan pieces = TestScan.of(shape.compression, blob, SPAN, new Random(seed));

      assertThat(pieces.spans()).as("seed %d", seed).isEqualTo(whole.spans());
      assertThat(pieces.layer()).isEqualTo(whole.layer());
      assertThat(pieces.stream()).isEqualTo(whole.stream());
    }
  }

  @ParameterizedTest
  @EnumSource
  void scan_byteByByte_findsTheSameSpans(Shape shape) throws IOException {
    byte[] blob = shape.compress(TestBlobs.stream(SEED, 40_000));
    List<Span> spans = new ArrayList<>();

    try (SpanScanner scanner =
        SpanScanner.of(shape.compression, 10_000, output -> {}, spans::add)) {
      for (int i = 0; i < blob.length; i++) {
        scanner.scan(ByteBuffer.wrap(blob, i, 1));
      }
      scanner.finish();
    }

    assertThat(spans).isEqualTo(scan(shape.compression, blob, 10_000).spans());
  }

  @ParameterizedTest
  @EnumSource
  void scan_nothingInIt_hasNoSpans(Shape shape) throws IOException {
    byte[] blob = shape.compress(new byte[0]);
    if (blob.length == 0) {
      blob = shape == Shape.PLAIN ? blob : TestBlobs.member(new byte[0], 6);
    }
    Compression compression = Compression.detect(ByteBuffer.wrap(blob));

    TestScan scan = scan(compression, blob, SPAN);

    assertThat(scan.spans()).isEmpty();
    assertThat(scan.layer())
        .isEqualTo(new ScannedLayer(compression, blob.length, 0, Digest.sha256(new byte[0])));
  }

  @Test
  void scan_plain_cutsExactly() throws IOException {
    TestScan scan = scan(Compression.NONE, new byte[2500], 1000);

    assertThat(scan.spans()).extracting(Span::streamLength).containsExactly(1000L, 1000L, 500L);
    assertThat(scan.spans()).extracting(Span::blobOffset).containsExactly(0L, 1000L, 2000L);
    assertThat(scan.spans()).extracting(Span::restart).containsOnly(Restart.FRESH);
  }

  @Test
  void scan_smallMembers_beginsWithMembersAlone() throws IOException {
    byte[] blob = Shape.GZIP_SMALL_MEMBERS.compress(TestBlobs.stream(SEED, 300_000));

    TestScan scan = scan(Compression.GZIP, blob, SPAN);

    assertThat(scan.spans()).hasSizeGreaterThan(4);
    assertThat(scan.spans()).extracting(Span::restart).containsOnly(Restart.FRESH);
    assertThat(scan.spans().subList(0, 4)).extracting(Span::streamLength).containsOnly(8 * 7_000L);
  }

  @Test
  void scan_manyBlocks_cutsAtEveryBitOfAByte() throws IOException {
    byte[] blob = Shape.GZIP_HUFFMAN_ONLY.compress(TestBlobs.stream(SEED, 2_000_000));

    TestScan scan = scan(Compression.GZIP, blob, 1);

    assertThat(scan.spans().stream().map(span -> span.restart().bits()).collect(Collectors.toSet()))
        .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7);
  }

  @Test
  void scan_storedBlocks_needNoBytesOfTheWindow() throws IOException {
    TestScan scan = scan(Compression.GZIP, Shape.GZIP_STORED.compress(new byte[300_000]), SPAN);

    assertThat(scan.spans().subList(1, scan.spans().size()))
        .isNotEmpty()
        .allSatisfy(span ->
            assertThat(span.restart())
                .isInstanceOfSatisfying(
                    Restart.Midway.class, midway -> assertThat(midway.window().length()).isZero()));
  }

  @Test
  void scan_zeros_makesLargeSpansAndKeepsNothing() throws IOException {
    byte[] blob = TestBlobs.member(new byte[64 << 20], 9);
    long[] largest = {0};
    List<Span> spans = new ArrayList<>();

    try (SpanScanner scanner =
        SpanScanner.of(
            Compression.GZIP,
            1 << 20,
            output -> largest[0] = Math.max(largest[0], output.remaining()),
            spans::add)) {
      scanner.scan(ByteBuffer.wrap(blob));
      assertThat(scanner.finish().streamSize()).isEqualTo(64 << 20);
    }

    assertThat(blob.length).isLessThan(100_000);
    assertThat(largest[0]).isLessThanOrEqualTo(RawInflater.OUTPUT_BYTES);
    assertThat(spans).hasSizeBetween(2, 63);
  }

  @Test
  void scan_blocksWithoutOutputBehindACut_keepsTheWholeWindow() throws IOException {
    // 20,000 empty stored blocks: more than what is looked through for references.
    byte[] stream = TestBlobs.stream(SEED, 100_000);
    byte[] head =
        TestBlobs.deflate(stream, 6, java.util.zip.Deflater.DEFAULT_STRATEGY, stream.length / 2);
    byte[] empty = {0, 0, 0, -1, -1};
    int cut = middle(head);
    byte[] flood = new byte[empty.length * 20_000];
    for (int i = 0; i < flood.length; i++) {
      flood[i] = empty[i % empty.length];
    }
    byte[] trailer = TestBlobs.member(stream, 6);
    byte[] blob =
        TestBlobs.concat(
            new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 3},
            Arrays.copyOf(head, cut),
            flood,
            Arrays.copyOfRange(head, cut, head.length),
            Arrays.copyOfRange(trailer, trailer.length - 8, trailer.length));

    TestScan scan = scan(Compression.GZIP, blob, 50_000);

    assertThat(scan.stream()).isEqualTo(stream);
    Span second = scan.spans().get(1);
    int at = Math.toIntExact(second.streamOffset());
    assertThat(second.restart())
        .isEqualTo(
            new Restart.Midway(
                second.restart().bits(),
                Window.of(Arrays.copyOfRange(stream, at - Window.MAX_BYTES, at))));
  }

  /** Behind the first flush, which ends with an empty stored block. */
  private static int middle(byte[] deflated) {
    for (int i = deflated.length / 3; ; i++) {
      if (deflated[i] == 0
          && deflated[i + 1] == 0
          && deflated[i + 2] == -1
          && deflated[i + 3] == -1) {
        return i + 4;
      }
    }
  }

  @Test
  void scan_truncatedAnywhere_isMalformed() {
    byte[] stream = TestBlobs.stream(SEED, 3_000);
    for (byte[] blob :
        List.of(
            TestBlobs.member(stream, 6, 0xff),
            TestBlobs.member(stream, 0),
            com.github.luben.zstd.Zstd.compress(stream, 3))) {
      Compression compression = Compression.detect(ByteBuffer.wrap(blob));
      for (int length = 0; length < blob.length; length++) {
        byte[] part = Arrays.copyOf(blob, length);
        assertThatThrownBy(() -> scan(compression, part, 1000))
            .as("%d of %d bytes of %s", length, blob.length, compression)
            .isInstanceOf(MalformedLayerException.class)
            .hasMessageContaining("at offset " + length + " of the blob")
            .hasMessageContaining("found the end");
      }
    }
  }

  @Test
  void scan_bytesBehindTheLastMember_areMalformed() {
    byte[] member = TestBlobs.member(TestBlobs.stream(SEED, 3_000), 6);
    for (byte[] tail : List.of(new byte[512], new byte[1], new byte[] {0x1f, 'x'})) {
      assertThatThrownBy(() -> scan(Compression.GZIP, TestBlobs.concat(member, tail), SPAN))
          .isInstanceOf(MalformedLayerException.class)
          .hasMessageContaining("expected the header of a gzip member, found byte");
    }
  }

  @Test
  void scan_wrongSums_areMalformedWithBoth() {
    byte[] member = TestBlobs.member(new byte[] {1, 2, 3}, 6);
    byte[] wrongCrc = member.clone();
    wrongCrc[member.length - 8] ^= 1;
    byte[] wrongLength = member.clone();
    wrongLength[member.length - 4] ^= 4;

    assertThatThrownBy(() -> scan(Compression.GZIP, wrongCrc, SPAN))
        .isInstanceOf(MalformedLayerException.class)
        .hasMessageContaining("offset " + (member.length - 8))
        .hasMessageContaining("expected CRC-32 0x55bc801c")
        .hasMessageContaining("found 0x55bc801d");
    assertThatThrownBy(() -> scan(Compression.GZIP, wrongLength, SPAN))
        .isInstanceOf(MalformedLayerException.class)
        .hasMessageContaining("offset " + (member.length - 4))
        .hasMessageContaining("expected 7 bytes")
        .hasMessageContaining("found 3 bytes");
  }

  @Test
  void scan_wrongHeaderSum_isMalformed() {
    byte[] member = TestBlobs.member(new byte[] {1, 2, 3}, 6, 2);
    member[4] ^= 1;

    assertThatThrownBy(() -> scan(Compression.GZIP, member, SPAN))
        .isInstanceOf(MalformedLayerException.class)
        .hasMessageContaining("its CRC-16 is");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PLAIN")
  void scan_damagedAnywhere_isMalformedOrTheStreamItIs(Shape shape) throws IOException {
    byte[] stream = TestBlobs.stream(SEED, 20_000);
    byte[] blob = shape.compress(stream);
    Random random = new Random(SEED);
    for (int i = 0; i < 400; i++) {
      byte[] damaged = blob.clone();
      int at = random.nextInt(blob.length);
      damaged[at] ^= (byte) (1 << random.nextInt(8));
      try {
        TestScan scan = scan(shape.compression, damaged, 5_000);
        assertThat(scan.layer().blobSize()).isEqualTo(blob.length);
        if (shape.compression == Compression.GZIP) {
          assertThat(scan.stream()).as("damage at %d", at).isEqualTo(stream);
        }
      } catch (MalformedLayerException e) {
        assertThat(e.blobOffset()).isBetween(0L, (long) blob.length);
      }
    }
  }

  @Test
  void scan_sinkFails_saysSo() throws IOException {
    IOException full = new IOException("no space left");
    try (SpanScanner scanner =
        SpanScanner.of(
            Compression.GZIP,
            SPAN,
            output -> {
              throw full;
            },
            span -> {})) {

      assertThatThrownBy(() -> scanner.scan(ByteBuffer.wrap(TestBlobs.member(new byte[] {1}, 6))))
          .isSameAs(full);
    }
  }

  @Test
  void of_spanWithoutBytes_isRefused() {
    assertThatThrownBy(() -> SpanScanner.of(Compression.NONE, 0, output -> {}, span -> {}))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
