package dev.longshore.layer.span;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.io.IOException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is zstd's own in scanning. */
class SpanZstdTest {
  private static final long SEED = 20260614;

  private static TestScan scan(byte[] blob) throws IOException {
    return TestScan.of(Compression.ZSTD, blob, 10_000);
  }

  @Test
  void scan_withoutContentSizeAndWithChecksum_isRead() throws IOException {
    byte[] stream = TestBlobs.stream(SEED, 30_000);
    try (ZstdCompressCtx context = new ZstdCompressCtx().setContentSize(false).setChecksum(true)) {
      byte[] blob = context.compress(stream);

      assertThat(Zstd.getFrameContentSize(blob)).isLessThanOrEqualTo(0);
      assertThat(scan(blob).stream()).isEqualTo(stream);

      blob[blob.length - 1] ^= 1;
      assertThatThrownBy(() -> scan(blob))
          .isInstanceOf(MalformedLayerException.class)
          .hasMessageContaining("expected zstd data");
    }
  }

  @Test
  void scan_oneFrame_isOneSpan() throws IOException {
    byte[] blob = Zstd.compress(TestBlobs.stream(SEED, 300_000));

    assertThat(scan(blob).spans())
        .singleElement()
        .satisfies(span -> assertThat(span.blobLength()).isEqualTo(blob.length));
  }

  @Test
  void scan_skippableFramesAround_areOfNoSpan() throws IOException {
    byte[] frame = Zstd.compress(TestBlobs.stream(SEED, 9_000));
    byte[] skippable = TestBlobs.skippable(100);

    TestScan scan = scan(TestBlobs.concat(skippable, frame, skippable, frame, skippable));

    assertThat(scan.spans())
        .extracting(Span::blobOffset)
        .containsExactly(108L, 216L + frame.length);
    assertThat(scan.spans()).extracting(Span::blobLength).containsOnly((long) frame.length);
  }

  @Test
  void scan_skippableFramesAlone_isEmpty() throws IOException {
    assertThat(scan(TestBlobs.skippable(3)).spans()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "28b52ffd0089, a window of at most 134217728 bytes",
    "28b52ffd00f8, a window of at most 134217728 bytes",
    "28b52ffda00100000800, a window of at most 134217728 bytes",
    "28b52ffde0ffffffffffffffff, a window of at most 134217728 bytes",
    "28b52ffd010007, without a dictionary",
    "28b52ffd030000000001, without a dictionary",
    "28b52ffe00, the magic number",
    "00000000000000000000, the magic number"
  })
  void scan_frameThatNoDecoderIsToTake_isRefused(String hex, String expected) {
    byte[] blob = HexFormat.of().parseHex(hex + "00".repeat(20));

    assertThatThrownBy(() -> scan(blob))
        .isInstanceOf(MalformedLayerException.class)
        .hasMessageContaining("at offset 0 of the blob")
        .hasMessageContaining(expected);
  }

  @Test
  void scan_largestWindow_isTaken() throws IOException {
    // An empty frame whose window is 128 MiB: one last raw block of no bytes.
    assertThat(scan(HexFormat.of().parseHex("28b52ffd0088010000")).spans()).isEmpty();
    assertThat(scan(HexFormat.of().parseHex("28b52ffd0080010000")).spans()).isEmpty();
  }
}
