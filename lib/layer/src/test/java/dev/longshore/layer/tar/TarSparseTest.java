package dev.longshore.layer.tar;

import static dev.longshore.layer.tar.TarBuilder.record;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.layer.tar.TarBuilder.Header;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TarSparseTest {
  private static final String V01 =
      record("GNU.sparse.major", "0") + record("GNU.sparse.minor", "1");
  private static final String V10 =
      record("GNU.sparse.major", "1") + record("GNU.sparse.minor", "0");

  @Test
  void feed_oldGnuInHeader_endsAtItsSize() throws Exception {
    TarEntry entry =
        Parsed.only(
            new TarBuilder()
                .file(
                    Header.gnu("s", 'S')
                        .octal(386, 12, 1000)
                        .octal(398, 12, 10)
                        .base256(410, 12, 5_000)
                        .octal(422, 12, 0)
                        .base256(483, 12, 1L << 50),
                    new byte[10])
                .end());

    assertThat(entry.size()).isEqualTo(1L << 50);
    assertThat(entry.type()).isEqualTo(EntryType.FILE);
    assertThat(entry.data()).containsExactly(new Segment(1000, 512, 10));
  }

  @Test
  void feed_oldGnuWithBlocks_readsThemBeforeTheData() throws Exception {
    Header header = Header.gnu("s", 'S').octal(483, 12, 100_000).size(6).text(482, 1, "\1");
    for (int i = 0; i < 4; i++) {
      header.octal(386 + i * 24, 12, i * 10L).octal(398 + i * 24, 12, 1);
    }
    byte[] block = Header.v7("", '0').sealed();
    Arrays.fill(block, (byte) 0);
    TarBuilder archive = new TarBuilder().header(header);
    byte[] first = block.clone();
    first[504] = 1;
    byte[] second = block.clone();
    for (int i = 0; i < 2; i++) {
      System.arraycopy("%011o\0".formatted(1000 + i).getBytes(ISO_8859_1), 0, second, i * 24, 12);
      System.arraycopy("00000000001\0".getBytes(ISO_8859_1), 0, second, i * 24 + 12, 12);
    }

    TarEntry entry =
        Parsed.only(archive.bytes(first).bytes(second).data("abcdef".getBytes(ISO_8859_1)).end());

    assertThat(entry.data())
        .containsExactly(
            new Segment(0, 1536, 1),
            new Segment(10, 1537, 1),
            new Segment(20, 1538, 1),
            new Segment(30, 1539, 1),
            new Segment(1000, 1540, 2));
  }

  @Test
  void feed_oldGnuInOtherHeader_isRefused() {
    assertThatThrownBy(() -> Parsed.of(new TarBuilder().header(Header.ustar("s", 'S'))))
        .isInstanceOf(MalformedTarException.class)
        .hasMessageContaining("GNU header");
  }

  @Test
  void feed_pax00_pairsItsRecords() throws Exception {
    TarEntry entry =
        Parsed.only(
            new TarBuilder()
                .pax(
                    'x',
                    record("GNU.sparse.size", "100")
                        + record("GNU.sparse.numblocks", "2")
                        + record("GNU.sparse.offset", "5")
                        + record("GNU.sparse.numbytes", "1")
                        + record("GNU.sparse.offset", "99")
                        + record("GNU.sparse.numbytes", "1"))
                .file(Header.ustar("s", '0'), new byte[2])
                .end());

    assertThat(entry.size()).isEqualTo(100);
    assertThat(entry.data()).containsExactly(new Segment(5, 1536, 1), new Segment(99, 1537, 1));
  }

  @Test
  void feed_pax01_hasNameAndMap() throws Exception {
    TarEntry entry =
        Parsed.only(
            new TarBuilder()
                .pax(
                    'x',
                    V01
                        + record("GNU.sparse.name", "real/name")
                        + record("GNU.sparse.map", "0,1,1,1,2,0"))
                .file(Header.ustar("GNUSparseFile.0/name", '0'), new byte[2])
                .end());

    assertThat(entry.path()).isEqualTo("real/name");
    assertThat(entry.size()).isEqualTo(2);
    assertThat(entry.data()).containsExactly(new Segment(0, 1536, 2));
  }

  @Test
  void feed_pax10_isFinishedAfterItsMap() throws Exception {
    StringBuilder map = new StringBuilder("100\n");
    for (int i = 0; i < 100; i++) {
      map.append(i * 1_000_000L).append("\n1\n");
    }
    byte[] text = map.toString().getBytes(ISO_8859_1);
    int mapBytes = (text.length + 511) / 512 * 512;

    TarBuilder archive =
        new TarBuilder()
            .pax('x', V10 + record("GNU.sparse.realsize", "100000000"))
            .header(Header.ustar("s", '0').size(mapBytes + 100))
            .data(text)
            .data(new byte[100])
            .header(Header.ustar("next", '5'))
            .end();
    List<TarEntry> entries = Parsed.of(archive);

    assertThat(mapBytes).isGreaterThan(512);
    assertThat(entries).extracting(TarEntry::path).containsExactly("s", "next");
    assertThat(entries.getFirst().size()).isEqualTo(100_000_000);
    assertThat(entries.getFirst().data()).hasSize(100);
    assertThat(entries.getFirst().data().getLast())
        .isEqualTo(new Segment(99_000_000, 1536 + mapBytes + 99, 1));
  }

  @Test
  void feed_pax10WithoutSegments_isOneHole() throws Exception {
    TarEntry entry =
        Parsed.only(
            new TarBuilder()
                .pax('x', V10 + record("GNU.sparse.realsize", "77"))
                .file(Header.ustar("s", '0'), "0\n".concat("\0".repeat(510)).getBytes(ISO_8859_1))
                .end());

    assertThat(entry.size()).isEqualTo(77);
    assertThat(entry.data()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "5,1,4,1",
        "5,1,5,1",
        "9,3",
        "11,0",
        "0,1",
        "0,1,2,3",
        "0",
        "0,",
        ",",
        "-1,2",
        "0,a",
        "0,9223372036854775807",
        "9223372036854775807,2",
        "9223372036854775808,1"
      })
  void feed_mapThatIsNone_isRefused(String map) {
    assertThatThrownBy(() ->
            Parsed.of(
                new TarBuilder()
                    .pax('x', V01 + record("GNU.sparse.size", "10") + record("GNU.sparse.map", map))
                    .file(Header.ustar("s", '0'), new byte[2])))
        .isInstanceOf(MalformedTarException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        "a\n",
        "1\n",
        "1\n\n1\n",
        "99999999999999999999\n",
        "65537\n",
        "1\n0\n-1\n",
        "1\n0\n5\n"
      })
  void feed_mapInDataThatIsNone_isRefused(String map) {
    byte[] block = Arrays.copyOf(map.getBytes(ISO_8859_1), 512);

    assertThatThrownBy(() ->
            Parsed.of(
                new TarBuilder()
                    .pax('x', V10 + record("GNU.sparse.realsize", "10"))
                    .file(Header.ustar("s", '0'), block)))
        .isInstanceOf(MalformedTarException.class);
  }

  @Test
  void feed_mapInDataLongerThanData_isRefused() {
    assertThatThrownBy(() ->
            Parsed.of(
                new TarBuilder()
                    .pax('x', V10)
                    .file(Header.ustar("s", '0'), "2\n".getBytes(ISO_8859_1))))
        .isInstanceOf(MalformedTarException.class)
        .hasMessageContaining("within its data");
  }

  @Test
  void feed_moreSegmentsThanTheLimit_areRefused() {
    assertThatThrownBy(() ->
            Parsed.of(
                new TarBuilder()
                    .pax('x', V01 + record("GNU.sparse.map", "0,0,".repeat(1 << 16) + "0,0"))
                    .header(Header.ustar("s", '0'))))
        .isInstanceOf(MalformedTarException.class)
        .hasMessageContaining("65536 segments");
  }

  @Test
  void feed_numblocksThatDoNotCount_areRefused() {
    assertThatThrownBy(() ->
            Parsed.of(
                new TarBuilder()
                    .pax('x', record("GNU.sparse.map", "0,2") + record("GNU.sparse.numblocks", "2"))
                    .file(Header.ustar("s", '0'), new byte[2])))
        .isInstanceOf(MalformedTarException.class)
        .hasMessageContaining("2 segments");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GNU.sparse.offset,GNU.sparse.offset", "GNU.sparse.numbytes"})
  void feed_pax00RecordsOutOfTurn_areRefused(String keys) {
    StringBuilder body = new StringBuilder();
    for (String key : keys.split(",", -1)) {
      body.append(record(key, "0"));
    }

    assertThatThrownBy(() -> Parsed.of(new TarBuilder().pax('x', body.toString())))
        .isInstanceOf(MalformedTarException.class)
        .hasMessageContaining("GNU.sparse");
  }

  @Test
  void feed_versionUnknownOrMapOfALinkOrGlobal_isRefused() {
    String map = record("GNU.sparse.map", "0,0");
    for (TarBuilder archive :
        List.of(
            new TarBuilder()
                .pax('x', record("GNU.sparse.major", "2") + record("GNU.sparse.minor", "0"))
                .header(Header.ustar("s", '0')),
            new TarBuilder().pax('x', map).header(Header.ustar("s", '2')),
            new TarBuilder().pax('g', map))) {
      assertThatThrownBy(() -> Parsed.of(archive))
          .isInstanceOf(MalformedTarException.class)
          .hasMessageMatching("(?s).*sparse.*");
    }
  }
}
