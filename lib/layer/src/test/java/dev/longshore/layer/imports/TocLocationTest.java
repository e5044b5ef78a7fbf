package dev.longshore.layer.imports;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.layer.imports.TocLocation.Wrapping;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TocLocationTest {

  @Test
  void ofFooter_estargz_isBeforeTheFooter() {
    byte[] tail = tail(estargz("00000000000003e8"));

    assertThat(TocLocation.ofFooter(tail, 2000))
        .contains(new TocLocation(Wrapping.GZIP_TAR, 1000, 949, 1000));
  }

  @Test
  void ofFooter_legacyStargz_isBeforeTheFooter() {
    byte[] footer =
        concat(
            hex("1f8b08040000000000ff1600"),
            "00000000000003e8STARGZ".getBytes(ISO_8859_1),
            hex("010000ffff0000000000000000"));

    assertThat(footer).hasSize(47);
    assertThat(TocLocation.ofFooter(tail(footer), 2000))
        .contains(new TocLocation(Wrapping.GZIP_TAR, 1000, 953, 1000));
  }

  @Test
  void ofFooter_zstdChunkedOfEitherFork_isBehindTheFrameHeader() {
    assertThat(TocLocation.ofFooter(tail(zstd("GnUlInUx", 100, 50, 70, 1)), 300))
        .contains(new TocLocation(Wrapping.ZSTD, 100, 50, 92));
    assertThat(TocLocation.ofFooter(tail(zstd("GNUlInUx", 100, 50, 70, 1, 158, 9, 9)), 300))
        .contains(new TocLocation(Wrapping.ZSTD, 100, 50, 92));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"ffffffffffffffff", "000000000000079e", "7fffffffffffffff", "00000000000xyz00"})
  void ofFooter_offsetBeyondTheBlob_isNone(String offset) {
    assertThat(TocLocation.ofFooter(tail(estargz(offset)), 2000)).isEmpty();
  }

  @Test
  void ofFooter_zstdChunkedThatPointsNowhere_isNone() {
    for (long[] fields :
        new long[][] {
          {100, 50, 70, 2},
          {7, 50, 70, 1},
          {-1, 50, 70, 1},
          {100, 0, 70, 1},
          {100, -1, 70, 1},
          {100, Long.MAX_VALUE, 70, 1},
          {100, 161, 70, 1},
          {Long.MAX_VALUE, 50, 70, 1}
        }) {
      assertThat(TocLocation.ofFooter(tail(zstd("GnUlInUx", fields)), 300))
          .as(Arrays.toString(fields))
          .isEmpty();
    }
  }

  @Test
  void ofFooter_anythingElse_isNone() {
    assertThat(TocLocation.ofFooter(new byte[64], 1000)).isEmpty();
    assertThat(TocLocation.ofFooter(new byte[0], 0)).isEmpty();
    assertThat(TocLocation.ofFooter(new byte[50], 50)).isEmpty();
  }

  @Test
  void ofAnnotations_eitherPrefix_isThePosition() {
    TocLocation expected = new TocLocation(Wrapping.ZSTD, 100, 50, 92);

    for (String prefix :
        new String[] {"io.github.containers.zstd-chunked.", "io.containers.zstd-chunked."}) {
      assertThat(
              TocLocation.ofAnnotations(Map.of(prefix + "manifest-position", "100:50:70:1"), 300))
          .contains(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "100:50:70:2",
        "100:50:70",
        "",
        "100:300:70:1",
        "-1:50:70:1",
        "9999999999999999999:1:1:1"
      })
  void ofAnnotations_positionThatIsNone_isNone(String position) {
    assertThat(
            TocLocation.ofAnnotations(
                Map.of("io.containers.zstd-chunked.manifest-position", position), 300))
        .isEmpty();
  }

  private static byte[] estargz(String offset) {
    return concat(
        hex("1f8b08040000000000ff1a0053471600"),
        (offset + "STARGZ").getBytes(ISO_8859_1),
        hex("010000ffff0000000000000000"));
  }

  private static byte[] zstd(String magic, long... fields) {
    ByteBuffer footer = ByteBuffer.allocate(8 * fields.length + 8).order(ByteOrder.LITTLE_ENDIAN);
    for (long field : fields) {
      footer.putLong(field);
    }
    return footer.put(magic.getBytes(ISO_8859_1)).array();
  }

  private static byte[] tail(byte[] footer) {
    byte[] tail = new byte[TocLocation.TAIL_BYTES];
    System.arraycopy(footer, 0, tail, tail.length - footer.length, footer.length);
    return tail;
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  private static byte[] concat(byte[]... parts) {
    ByteBuffer all = ByteBuffer.allocate(Arrays.stream(parts).mapToInt(p -> p.length).sum());
    for (byte[] part : parts) {
      all.put(part);
    }
    return all.array();
  }
}
