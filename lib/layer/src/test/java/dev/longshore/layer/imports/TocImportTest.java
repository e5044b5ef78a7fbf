package dev.longshore.layer.imports;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.longshore.layer.RawText;
import dev.longshore.layer.span.Compression;
import dev.longshore.layer.span.Restart;
import dev.longshore.layer.tar.EntryType;
import dev.longshore.layer.tar.Segment;
import dev.longshore.layer.tar.TarEntry;
import dev.longshore.oci.Digest;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TocImportTest {
  private static final String A = "sha256:" + "a".repeat(64);
  private static final String B = "sha256:" + "b".repeat(64);

  @Test
  void toc_entriesOfEachType_haveWhatTheJsonSays() throws Exception {
    ImportedIndex index =
        imported(
            """
            {"name":"d/","type":"dir","mode":2047,"uid":4294967295,"gid":3,
             "modtime":"2020-01-02T03:04:05.006Z","userName":"u","NumLink":2,
             "xattrs":{"user.a":"AP8=","user.none":null}},
            {"name":"s\u00e4","type":"symlink","linkName":"../\u00e4"},
            {"name":"h","type":"hardlink","linkName":"d/f"},
            {"name":"c","type":"char","devMajor":5,"devMinor":1},
            {"name":"b","type":"block","devMajor":259,"devMinor":70000},
            {"name":"p","type":"fifo","modtime":"0001-01-01T00:00:00Z"},
            {"name":"empty","type":"reg","unknown":[{"x":1}]}
            """);

    assertThat(index.entries())
        .extracting(TarEntry::type)
        .containsExactly(
            EntryType.DIRECTORY,
            EntryType.SYMLINK,
            EntryType.HARD_LINK,
            EntryType.CHARACTER_DEVICE,
            EntryType.BLOCK_DEVICE,
            EntryType.FIFO,
            EntryType.FILE);
    assertThat(index.entries().getFirst())
        .isEqualTo(
            new TarEntry(
                "d/",
                EntryType.DIRECTORY,
                03777,
                4294967295L,
                3,
                1577934245,
                6_000_000,
                0,
                "",
                0,
                0,
                new TreeMap<>(Map.of("user.a", "\0\u00ff", "user.none", "")),
                List.of()));
    assertThat(index.entries().get(1).path()).isEqualTo(RawText.ofUtf8("s\u00e4"));
    assertThat(index.entries().get(1).target()).isEqualTo(RawText.ofUtf8("../\u00e4"));
    assertThat(index.entries().get(4).minor()).isEqualTo(70_000);
    assertThat(index.entries().get(5).seconds()).isZero();
    assertThat(index.spans()).isEmpty();
  }

  @Test
  void toc_chunksInMembersOfTheirOwn_areLaidEndToEnd() throws Exception {
    ImportedIndex index =
        imported(
            """
            {"name":"one","type":"reg","size":5,"offset":10,"chunkDigest":"%1$s"},
            {"name":"big","type":"reg","size":25,"offset":100,"chunkSize":10,"chunkDigest":"%1$s"},
            {"name":"big","type":"chunk","offset":200,"chunkOffset":10,"chunkSize":10,
             "chunkDigest":"%2$s"},
            {"name":"big","type":"chunk","offset":300,"chunkOffset":20,"chunkDigest":"%1$s"}
            """
                .formatted(A, B));

    assertThat(index.compression()).isEqualTo(Compression.ZSTD);
    assertThat(index.entries())
        .extracting(TarEntry::data)
        .containsExactly(List.of(new Segment(0, 0, 5)), List.of(new Segment(0, 5, 25)));
    assertThat(index.spans())
        .containsExactly(
            span(10, 90, 0, 5),
            span(100, 100, 5, 10),
            span(200, 100, 15, 10),
            span(300, 700, 25, 5));
    assertThat(index.digests())
        .containsExactly(digest(0, 5, A), digest(5, 10, A), digest(15, 10, B), digest(25, 5, A));
  }

  @Test
  void toc_severalFilesInOneMember_lieWhereItsOutputHasThem() throws Exception {
    ImportedIndex index =
        imported(
            """
            {"name":"a","type":"reg","size":5,"offset":10,"chunkDigest":"%1$s"},
            {"name":"b","type":"reg","size":7,"offset":10,"innerOffset":1024,"chunkDigest":"%2$s"},
            {"name":"c","type":"reg","size":1,"offset":50,"innerOffset":512,"chunkDigest":"%1$s"}
            """
                .formatted(A, B));

    assertThat(index.entries())
        .extracting(TarEntry::data)
        .containsExactly(
            List.of(new Segment(0, 0, 5)),
            List.of(new Segment(0, 1024, 7)),
            List.of(new Segment(0, 1031 + 512, 1)));
    assertThat(index.spans()).containsExactly(span(10, 40, 0, 1031), span(50, 950, 1031, 513));
  }

  @Test
  void toc_chunksOfZeros_areHoles() throws Exception {
    ImportedIndex index =
        imported(
            """
            {"name":"a","type":"reg","size":30,"offset":10,"endOffset":60,"chunkSize":10,
             "chunkDigest":"%1$s"},
            {"type":"chunk","offset":40,"chunkOffset":10,"chunkSize":10,"chunkType":"zeros"},
            {"type":"chunk","offset":45,"chunkOffset":20,"chunkSize":10,"chunkDigest":"%1$s"}
            """
                .formatted(A));

    assertThat(index.entries().getFirst().size()).isEqualTo(30);
    assertThat(index.entries().getFirst().data())
        .containsExactly(new Segment(0, 0, 10), new Segment(20, 10, 10));
    assertThat(index.spans()).containsExactly(span(10, 30, 0, 10), span(45, 15, 10, 10));
  }

  @Test
  void toc_digestOfTheWholeFile_countsForItsOnlyChunk() throws Exception {
    assertThat(
            imported(
                    """
                    {"name":"a","type":"reg","size":3,"offset":10,"endOffset":20,"digest":"%s"}
                    """
                        .formatted("a".repeat(64)))
                .digests())
        .containsExactly(digest(0, 3, A));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // no digest, one that is none
        "{'type':'reg','size':3,'offset':10}",
        "{'type':'reg','size':3,'offset':10,'digest':'sha1:00'}",
        // chunks that do not make up the file
        "{'type':'reg','size':3,'offset':10,'chunkSize':2,'chunkDigest':'$'}",
        "{'type':'reg','size':3,'offset':10,'chunkSize':4,'chunkDigest':'$'}",
        "{'type':'reg','size':3,'offset':10,'chunkSize':-1,'chunkDigest':'$'}",
        "{'type':'reg','size':3,'offset':10,'chunkOffset':1,'chunkDigest':'$'}",
        "{'type':'reg','size':3,'offset':10,'chunkSize':2,'chunkDigest':'$'},"
            + "{'type':'chunk','offset':20,'chunkOffset':1,'chunkDigest':'$'}",
        // data out of the blob, out of order, on top of other data
        "{'type':'reg','size':3,'offset':1000,'chunkDigest':'$'}",
        "{'type':'reg','size':3,'offset':-1,'chunkDigest':'$'}",
        "{'type':'reg','size':3,'offset':10,'endOffset':1001,'chunkDigest':'$'}",
        "{'type':'reg','size':3,'offset':10,'endOffset':10,'chunkDigest':'$'}",
        "{'type':'reg','size':3,'offset':10,'chunkDigest':'$'},"
            + "{'type':'reg','size':3,'offset':9,'chunkDigest':'$'}",
        "{'type':'reg','size':3,'offset':10,'chunkDigest':'$'},"
            + "{'type':'reg','size':3,'offset':10,'innerOffset':2,'chunkDigest':'$'}",
        "{'type':'reg','size':3,'offset':10,'innerOffset':9223372036854775807,'chunkDigest':'$'}",
        "{'type':'reg','size':3,'offset':10,'innerOffset':-1,'chunkDigest':'$'}",
        // fields out of range or of other types
        "{'type':'reg','size':-1}",
        "{'type':'reg','size':9223372036854775807,'offset':10,'chunkDigest':'$'}",
        "{'type':'reg','size':99999999999999999999}",
        "{'type':'reg','size':'3'}",
        "{'type':'reg','size':1.5}",
        "{'type':'dir','uid':-1}",
        "{'type':'char','devMajor':4294967296}",
        "{'type':'dir','modtime':'yesterday'}",
        "{'type':'dir','xattrs':{'a':'*'}}",
        "{'type':'dir','xattrs':['a']}",
        "{'type':'socket'}",
        "{'type':'dir','type':'dir'}",
        "{}",
        "[]",
        "{'type':'chunk'}",
        "{'type':'dir'},{'type':'chunk'}",
        "{'type':'dir'"
      })
  void toc_elementThatIsNone_isRefused(String elements) {
    assertThatThrownBy(() -> imported(elements.replace('\'', '"').replace("$", A)))
        .isInstanceOf(MalformedImportException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"version\":2,\"entries\":[]}",
        "{\"version\":1,\"entries\":{}}",
        "{\"version\":1,\"entries\":[",
        "\u0000",
        "{\"version\":\"1\"}"
      })
  void toc_documentThatIsNone_isRefused(String json) {
    assertThatThrownBy(() -> document(json)).isInstanceOf(MalformedImportException.class);
  }

  @Test
  void toc_withoutEntries_isEmpty() throws Exception {
    assertThat(document("{\"entries\":null,\"version\":1}").entries()).isEmpty();
  }

  @Test
  void toc_otherDigestOrLength_isRefused() {
    byte[] wrapped = Zstd.compress("{\"version\":1,\"entries\":[]}".getBytes(UTF_8));
    TocLocation location = new TocLocation(TocLocation.Wrapping.ZSTD, 1008, wrapped.length, 1000);

    assertThatThrownBy(() -> IndexImporter.tocByChecksum(location, wrapped, Digest.parse(A)))
        .isInstanceOf(MalformedImportException.class)
        .hasMessageContaining(A);
    assertThatThrownBy(() -> IndexImporter.tocByJsonDigest(location, wrapped, Digest.parse(A)))
        .isInstanceOf(MalformedImportException.class)
        .hasMessageContaining(A);
    assertThatThrownBy(() ->
            IndexImporter.tocByChecksum(location, new byte[wrapped.length + 1], Digest.parse(A)))
        .isInstanceOf(MalformedImportException.class)
        .hasMessageContaining("bytes");
  }

  @Test
  void toc_wrappedInGarbage_isRefused() {
    for (TocLocation.Wrapping wrapping : TocLocation.Wrapping.values()) {
      byte[] garbage = new byte[30];
      assertThatThrownBy(() ->
              IndexImporter.tocByChecksum(
                  new TocLocation(wrapping, 1000, garbage.length, 1000),
                  garbage,
                  Digest.sha256(garbage)))
          .isInstanceOf(MalformedImportException.class);
    }
  }

  private static ImportedIndex imported(String elements) throws MalformedImportException {
    return document("{\"version\":1,\"entries\":[" + elements + "]}");
  }

  private static ImportedIndex document(String json) throws MalformedImportException {
    byte[] wrapped = Zstd.compress(json.getBytes(UTF_8));
    return IndexImporter.tocByJsonDigest(
        new TocLocation(TocLocation.Wrapping.ZSTD, 1008, wrapped.length, 1000),
        wrapped,
        Digest.sha256(json.getBytes(UTF_8)));
  }

  private static ImportedSpan span(long blob, long blobLength, long stream, long streamLength) {
    return new ImportedSpan(blob, blobLength, stream, streamLength, new Restart.Fresh());
  }

  private static RangeDigest digest(long offset, long length, String digest) {
    return new RangeDigest(RangeDigest.Of.STREAM, offset, length, Digest.parse(digest));
  }
}
