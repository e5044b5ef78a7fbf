package dev.longshore.layer.span;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CompressionTest {

  @ParameterizedTest
  @CsvSource({
    "'', NONE",
    "1f8b, NONE",
    "1f8b08, GZIP",
    "1f8b07ffffffffff, NONE",
    "28b52f, NONE",
    "28b52ffd, ZSTD",
    "502a4d18, NONE",
    "502a4d1800000000, ZSTD",
    "5f2a4d18ffffffff, ZSTD",
    "602a4d1800000000, NONE",
    "2e2f000000000000, NONE"
  })
  void detect_firstBytes_isWhatContainerdSees(String hex, Compression expected) {
    ByteBuffer first = ByteBuffer.wrap(HexFormat.of().parseHex("00" + hex)).position(1);

    assertThat(Compression.detect(first)).isEqualTo(expected);
    assertThat(first.position()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void detect_anyShape_isItsOwn(TestBlobs.Shape shape) {
    byte[] blob = shape.compress(TestBlobs.stream(1, 1_000));

    assertThat(Compression.detect(ByteBuffer.wrap(blob))).isEqualTo(shape.compression);
  }

  @Test
  void code_ofEach_isItsOwn() {
    assertThat(Arrays.stream(Compression.values()).map(Compression::code).toList())
        .containsExactly(0, 1, 2);
  }
}
