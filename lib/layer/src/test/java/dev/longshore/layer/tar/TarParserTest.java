package dev.longshore.layer.tar;

import static dev.longshore.layer.tar.TarBuilder.record;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.layer.tar.TarBuilder.Header;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TarParserTest {

  @Test
  void feed_ustarWithPrefix_joinsThem() throws Exception {
    TarEntry entry =
        Parsed.only(
            new TarBuilder()
                .header(Header.ustar("name", '5').text(345, 155, "a/b").octal(136, 12, 77))
                .end());

    assertThat(entry.path()).isEqualTo("a/b/name");
    assertThat(entry.type()).isEqualTo(EntryType.DIRECTORY);
    assertThat(entry.seconds()).isEqualTo(77);
  }

  @Test
  void feed_headerWhole_givesEntryBeforeItsData() throws Exception {
    List<TarEntry> entries = new ArrayList<>();
    TarParser parser = new TarParser(entries::add);

    parser.feed(ByteBuffer.wrap(Header.ustar("f", '0').size(1L << 32).sealed()));

    assertThat(entries).singleElement().extracting(TarEntry::size).isEqualTo(1L << 32);
    assertThat(entries.getFirst().data()).containsExactly(new Segment(0, 512, 1L << 32));
  }

  @Test
  void feed_filesOfAnySize_knowsWhereTheirDataLies() throws Exception {
    List<TarEntry> entries =
        Parsed.of(
            new TarBuilder()
                .file(Header.ustar("empty", '0'), new byte[0])
                .file(Header.ustar("one", '0'), new byte[1])
                .file(Header.ustar("block", '0'), new byte[512])
                .file(Header.ustar("more", '0'), new byte[513])
                .end());

    assertThat(entries)
        .extracting(TarEntry::data)
        .containsExactly(
            List.of(),
            List.of(new Segment(0, 1024, 1)),
            List.of(new Segment(0, 2048, 512)),
            List.of(new Segment(0, 3072, 513)));
  }

  @ParameterizedTest
  @CsvSource({
    "0,FILE",
    "7,FILE",
    "1,HARD_LINK",
    "2,SYMLINK",
    "3,CHARACTER_DEVICE",
    "4,BLOCK_DEVICE",
    "5,DIRECTORY",
    "6,FIFO"
  })
  void feed_eachType_isWhatPosixSays(char type, EntryType expected) throws Exception {
    TarEntry entry =
        Parsed.only(
            new TarBuilder()
                .header(Header.ustar("e", type).target("t").octal(329, 8, 8).octal(337, 8, 17)));

    boolean link = expected == EntryType.HARD_LINK || expected == EntryType.SYMLINK;
    boolean device = expected == EntryType.CHARACTER_DEVICE || expected == EntryType.BLOCK_DEVICE;
    assertThat(entry.type()).isEqualTo(expected);
    assertThat(entry.target()).isEqualTo(link ? "t" : "");
    assertThat(entry.major()).isEqualTo(device ? 8 : 0);
    assertThat(entry.minor()).isEqualTo(device ? 17 : 0);
  }

  @Test
  void feed_linkWithSize_hasNoData() throws Exception {
    List<TarEntry> entries =
        Parsed.of(
            new TarBuilder()
                .header(Header.ustar("l", '1').target("f").size(5000))
                .header(Header.ustar("f", '0'))
                .end());

    assertThat(entries).extracting(TarEntry::path).containsExactly("l", "f");
    assertThat(entries).extracting(TarEntry::size).containsOnly(0L);
  }

  @Test
  void feed_v7NameWithSlash_isDirectory() throws Exception {
    List<TarEntry> entries =
        Parsed.of(
            new TarBuilder()
                .header(Header.v7("d/", '\0').size(512))
                .file(Header.v7("d/f", '\0'), new byte[3]));

    assertThat(entries)
        .extracting(TarEntry::type)
        .containsExactly(EntryType.DIRECTORY, EntryType.FILE);
  }

  @Test
  void feed_volumeLabelAndDumpdir_areIgnoredAndDirectory() throws Exception {
    List<TarEntry> entries =
        Parsed.of(
            new TarBuilder()
                .header(Header.gnu("label", 'V'))
                .file(Header.gnu("d", 'D'), new byte[600])
                .header(Header.gnu("f", '0'))
                .end());

    assertThat(entries)
        .extracting(TarEntry::type)
        .containsExactly(EntryType.DIRECTORY, EntryType.FILE);
    assertThat(entries.getFirst().size()).isZero();
  }

  @ParameterizedTest
  @ValueSource(chars = {'M', 'A', 'X', 'N', '8', '\u00ff'})
  void feed_typeThatContainerdRefuses_isRefused(char type) {
    assertThatThrownBy(() -> Parsed.of(new TarBuilder().header(Header.gnu("f", type))))
        .isInstanceOf(MalformedTarException.class)
        .hasMessageContaining("type");
  }

  @Test
  void feed_numbersInBase256_mayBeLargeAndNegative() throws Exception {
    TarEntry entry =
        Parsed.only(
            new TarBuilder()
                .header(
                    Header.gnu("f", '5')
                        .base256(108, 8, 0xffff_ffffL)
                        .base256(116, 8, 3_000_000)
                        .base256(136, 12, -86_401)));

    assertThat(entry.uid()).isEqualTo(0xffff_ffffL);
    assertThat(entry.gid()).isEqualTo(3_000_000);
    assertThat(entry.seconds()).isEqualTo(-86_401);
  }

  @Test
  void feed_base256BeyondLong_isRefused() {
    Header header = Header.gnu("f", '0').base256(124, 12, Long.MAX_VALUE);
    header.text(124, 12, "\u0080\u0000\u0001" + "\u0000".repeat(9));

    assertThatThrownBy(() -> Parsed.of(new TarBuilder().header(header)))
        .isInstanceOf(MalformedTarException.class)
        .hasMessageContaining("64 bits");
  }

  @Test
  void feed_negativeSizeOrId_isRefused() {
    assertThatThrownBy(
            () -> Parsed.of(new TarBuilder().header(Header.gnu("f", '0').base256(124, 12, -1))))
        .isInstanceOf(MalformedTarException.class)
        .hasMessageContaining("size");
    assertThatThrownBy(
            () -> Parsed.of(new TarBuilder().header(Header.gnu("f", '0').base256(108, 8, -1))))
        .isInstanceOf(MalformedTarException.class)
        .hasMessageContaining("uid");
  }

  @Test
  void feed_largestSize_isRefusedWithoutOverflow() {
    assertThatThrownBy(() ->
            Parsed.of(
                new TarBuilder().header(Header.gnu("f", '0').base256(124, 12, Long.MAX_VALUE))))
        .isInstanceOf(MalformedTarException.class)
        .hasMessageContaining("2^63");
  }

  @Test
  void feed_checksumOfSignedBytes_isTaken() throws Exception {
    assertThat(Parsed.only(new TarBuilder().header(Header.v7("\u00e4", '0').signedSum())).path())
        .isEqualTo("\u00e4");
  }

  @Test
  void feed_wrongChecksum_saysWhereAndWhatWasFound() {
    byte[] header = Header.ustar("f", '0').sealed();
    header[0]++;

    assertThatThrownBy(() ->
            Parsed.of(new TarBuilder().header(Header.ustar("ok", '0')).bytes(header).toBytes()))
        .isInstanceOfSatisfying(
            MalformedTarException.class, e -> assertThat(e.offset()).isEqualTo(512))
        .hasMessageMatching(".*offset 512: expected a header with checksum \\d+, found .*");
  }

  @Test
  void feed_gnuLongNames_goBeforeThoseInTheHeader() throws Exception {
    String path = "p".repeat(5000);
    String target = "t".repeat(300);

    TarEntry entry =
        Parsed.only(
            new TarBuilder()
                .file(Header.gnu("././@LongLink", 'K'), (target + "\0").getBytes(ISO_8859_1))
                .file(Header.gnu("././@LongLink", 'L'), (path + "\0").getBytes(ISO_8859_1))
                .header(Header.gnu("ppp", '2').target("ttt"))
                .end());

    assertThat(entry.path()).isEqualTo(path);
    assertThat(entry.target()).isEqualTo(target);
  }

  @Test
  void feed_gnuTimesThatAreNone_areThePrefixOfGoBefore18() throws Exception {
    List<TarEntry> entries =
        Parsed.of(
            new TarBuilder()
                .header(Header.gnu("a", '0').text(345, 155, "some/prefix"))
                .header(Header.gnu("b", '0').octal(345, 12, 1234).octal(357, 12, 1234)));

    assertThat(entries).extracting(TarEntry::path).containsExactly("some/prefix/a", "b");
  }

  @Test
  void feed_starHeader_hasShorterPrefix() throws Exception {
    TarEntry entry =
        Parsed.only(
            new TarBuilder()
                .header(
                    Header.ustar("a", '0')
                        .text(345, 131, "pre")
                        .octal(476, 12, 1)
                        .octal(488, 12, 1)
                        .text(508, 4, "tar")));

    assertThat(entry.path()).isEqualTo("pre/a");
  }

  @Test
  void feed_paxRecords_goBeforeTheHeader() throws Exception {
    TarEntry entry =
        Parsed.only(
            new TarBuilder()
                .pax(
                    Map.of(
                        "path", "long/\u00c3\u00a4\0x",
                        "linkpath", "unused",
                        "uid", "4294967295",
                        "gid", "7",
                        "size", "3",
                        "mtime", "12.5",
                        "uname", "nobody",
                        "hdrcharset", "BINARY"))
                .header(Header.ustar("short", '0'))
                .data(new byte[3])
                .end());

    assertThat(entry.path()).isEqualTo("long/\u00c3\u00a4\0x");
    assertThat(entry.target()).isEmpty();
    assertThat(entry.uid()).isEqualTo(4294967295L);
    assertThat(entry.gid()).isEqualTo(7);
    assertThat(entry.size()).isEqualTo(3);
    assertThat(entry.seconds()).isEqualTo(12);
    assertThat(entry.nanos()).isEqualTo(500_000_000);
  }

  @ParameterizedTest
  @CsvSource({
    "0,0,0",
    "5.,5,0",
    "1.000000001,1,1",
    "1.1234567899999,1,123456789",
    "-1,-1,0",
    "-0.25,-1,750000000",
    "-1.5,-2,500000000",
    "-1.0000000009,-1,0"
  })
  void feed_paxTimes_areRoundedDownToNanoseconds(String text, long seconds, int nanos)
      throws Exception {
    TarEntry entry =
        Parsed.only(
            new TarBuilder().pax(Map.of("mtime", text)).header(Header.ustar("f", '0')).end());

    assertThat(entry.seconds()).isEqualTo(seconds);
    assertThat(entry.nanos()).isEqualTo(nanos);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mtime=.5",
        "mtime=1.x",
        "mtime=--1",
        "uid=-1",
        "uid=4294967296",
        "size=0x1",
        "size=9999999999999999999"
      })
  void feed_paxValueThatIsNone_isRefused(String record) {
    String[] pair = record.split("=", -1);

    assertThatThrownBy(() ->
            Parsed.of(
                new TarBuilder().pax(Map.of(pair[0], pair[1])).header(Header.ustar("f", '0'))))
        .isInstanceOf(MalformedTarException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "5 a=",
        "4 =\n",
        "7 a=b\n",
        "6 a=bc",
        "99 a=b\n",
        "-6 a=b\n",
        "6 aab\n",
        "99999999999999999999 a=b\n",
        " 6 a=b\n",
        "5 =b\n"
      })
  void feed_paxRecordThatIsNone_isRefused(String body) {
    assertThatThrownBy(
            () -> Parsed.of(new TarBuilder().pax('x', body).header(Header.ustar("f", '0'))))
        .isInstanceOf(MalformedTarException.class)
        .hasMessageContaining("a PAX record");
  }

  @Test
  void feed_extendedAttributes_areBytes() throws Exception {
    String capability = "\1\0\0\2\0\0\n=\u00ff";
    TarEntry entry =
        Parsed.only(
            new TarBuilder()
                .pax(
                    Map.of(
                        "SCHILY.xattr.security.capability", capability,
                        "SCHILY.xattr.user.empty", "",
                        "LIBARCHIVE.xattr.user.a%3Db%", "AP8",
                        "LIBARCHIVE.xattr.security.capability", "AA=="))
                .header(Header.ustar("f", '0'))
                .end());

    assertThat(entry.xattrs())
        .containsExactly(
            Map.entry("security.capability", capability),
            Map.entry("user.a=b%", "\0\u00ff"),
            Map.entry("user.empty", ""));
  }

  @Test
  void feed_extendedAttributeThatIsTooLongOrNone_isRefused() {
    assertThatThrownBy(() ->
            Parsed.of(
                new TarBuilder().pax(Map.of("SCHILY.xattr.user.a", "v".repeat((64 << 10) + 1)))))
        .isInstanceOf(MalformedTarException.class)
        .hasMessageContaining("65537 bytes");
    assertThatThrownBy(
            () -> Parsed.of(new TarBuilder().pax(Map.of("LIBARCHIVE.xattr.user.a", "*"))))
        .isInstanceOf(MalformedTarException.class)
        .hasMessageContaining("base64");
    assertThatThrownBy(() -> Parsed.of(new TarBuilder().pax(Map.of("SCHILY.xattr.", "v"))))
        .isInstanceOf(MalformedTarException.class);
  }

  @Test
  void feed_globalHeaders_tellOfAllEntriesAfterThem() throws Exception {
    List<TarEntry> entries =
        Parsed.of(
            new TarBuilder()
                .header(Header.ustar("a", '0'))
                .pax('g', record("uid", "5") + record("mtime", "9") + record("comment", "c"))
                .header(Header.ustar("b", '0'))
                .pax('g', record("mtime", "") + record("SCHILY.xattr.user.g", "1"))
                .pax(Map.of("uid", "", "SCHILY.xattr.user.x", "2"))
                .header(Header.ustar("c", '0').octal(108, 8, 6))
                .pax(Map.of("uid", "7"))
                .header(Header.ustar("d", '0'))
                .end());

    assertThat(entries).extracting(TarEntry::uid).containsExactly(0L, 5L, 6L, 7L);
    assertThat(entries).extracting(TarEntry::seconds).containsExactly(0L, 9L, 0L, 0L);
    assertThat(entries)
        .extracting(TarEntry::xattrs)
        .containsExactly(
            new TreeMap<>(),
            new TreeMap<>(),
            new TreeMap<>(Map.of("user.g", "1", "user.x", "2")),
            new TreeMap<>(Map.of("user.g", "1")));
  }

  @Test
  void feed_globalHeadersThatGrow_areRefused() {
    TarBuilder archive = new TarBuilder();
    for (int i = 0; i < 20; i++) {
      archive.pax('g', record("SCHILY.xattr.user." + i, "v".repeat(1000)));
    }

    assertThatThrownBy(() -> Parsed.of(archive))
        .isInstanceOf(MalformedTarException.class)
        .hasMessageContaining("16384");
  }

  @ParameterizedTest
  @ValueSource(chars = {'x', 'g', 'L', 'K'})
  void feed_extendedHeaderTooLong_isRefusedBeforeItIsRead(char type) {
    assertThatThrownBy(
            () -> Parsed.of(new TarBuilder().header(Header.ustar("x", type).size((1 << 20) + 1))))
        .isInstanceOf(MalformedTarException.class)
        .hasMessageContaining("1048577 bytes");
  }

  @Test
  void finish_zeroBlocks_endTheArchiveWhateverFollows() throws Exception {
    TarBuilder archive = new TarBuilder().header(Header.ustar("f", '0'));
    byte[] garbage = new byte[777];
    Arrays.fill(garbage, (byte) 'x');

    assertThat(Parsed.of(archive.toBytes())).hasSize(1);
    assertThat(Parsed.of(archive.bytes(new byte[512]).toBytes())).hasSize(1);
    assertThat(Parsed.of(archive.bytes(new byte[512]).bytes(garbage).toBytes())).hasSize(1);
  }

  @Test
  void feed_oneZeroBlockAndMore_isRefused() {
    assertThatThrownBy(() ->
            Parsed.of(new TarBuilder().bytes(new byte[512]).header(Header.ustar("f", '0')).end()))
        .isInstanceOf(MalformedTarException.class)
        .hasMessageContaining("second block of zeros");
  }

  @Test
  void finish_nothingFed_isAnEmptyArchive() throws Exception {
    assertThat(Parsed.of(new byte[0])).isEmpty();
  }

  @Test
  void finish_extendedHeaderWithoutItsEntry_isRefused() {
    for (TarBuilder archive :
        List.of(
            new TarBuilder().pax(Map.of("path", "p")),
            new TarBuilder().pax('x', ""),
            new TarBuilder().file(Header.gnu("n", 'L'), new byte[0]))) {
      assertThatThrownBy(() -> Parsed.of(archive))
          .isInstanceOf(MalformedTarException.class)
          .hasMessageContaining("end of the stream");
    }
  }

  @Test
  void position_dataSkipped_countsIt() throws Exception {
    TarParser parser = new TarParser(_ -> {});

    parser.feed(ByteBuffer.wrap(new TarBuilder().file(Header.v7("f", '0'), new byte[9]).toBytes()));
    assertThat(parser.position()).isEqualTo(1024);
    assertThat(parser.ended()).isFalse();
    parser.feed(ByteBuffer.allocateDirect(5000));

    assertThat(parser.position()).isEqualTo(6024);
    assertThat(parser.ended()).isTrue();
  }
}
