package dev.longshore.layer.imports;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.longshore.layer.imports.FlatBuilder.Table;
import dev.longshore.layer.span.Compression;
import dev.longshore.layer.tar.EntryType;
import dev.longshore.layer.tar.Segment;
import dev.longshore.layer.tar.TarEntry;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Feeds the importers what Jazzer makes up, when {@code JAZZER_FUZZ=1} is in the environment and
 * {@code -Djazzer.hooks=true} on the command line; else the samples only.
 */
class ImportFuzzTest {
  private static final long BLOB = 1000;

  static Stream<byte[]> documents() {
    String sample =
        """
        {"version":1,"entries":[
        {"name":"a","type":"reg","size":30,"offset":10,"endOffset":60,"chunkSize":10,"chunkDigest":"D"},
        {"type":"chunk","offset":40,"chunkOffset":10,"chunkSize":10,"chunkType":"zeros"},
        {"type":"chunk","offset":45,"chunkOffset":20,"chunkSize":10,"chunkDigest":"D"},
        {"name":"b","type":"reg","size":1,"offset":45,"innerOffset":512,"digest":"D"},
        {"name":"d","type":"dir","mode":493,"uid":1,"gid":2,"modtime":"2020-01-02T03:04:05.006Z",
        "xattrs":{"user.a":"AP8="}},
        {"name":"s","type":"symlink","linkName":"a"},
        {"name":"c","type":"char","devMajor":5,"devMinor":1}]}
        """;
    return Stream.of(sample.replace("D", "sha256:" + "a".repeat(64)), "{\"version\":1}", "")
        .map(text -> text.getBytes(UTF_8));
  }

  static Stream<byte[]> ztocs() {
    byte[] zinfo = FlatBuilder.build(new Table().with(0, 2).with(1, 400L).with(2, BLOB));
    Table file =
        new Table()
            .with(0, "f")
            .with(1, "reg")
            .with(2, 512L)
            .with(3, 10L)
            .with(13, List.of(new Table().with(0, "SCHILY.xattr.user.a").with(1, "b")));
    String digest = "sha256:" + "a".repeat(64);
    Table info =
        new Table()
            .with(0, (byte) 2)
            .with(1, 2)
            .with(2, List.of(digest, digest, digest))
            .with(3, zinfo);
    return Stream.of(
        FlatBuilder.build(
            new Table()
                .with(0, "0.9")
                .with(2, BLOB)
                .with(3, BLOB)
                .with(4, new Table().with(0, List.of(file)))
                .with(5, info)),
        new byte[4]);
  }

  @MethodSource("documents")
  @FuzzTest(maxDuration = "3m")
  void toc_anyDocument_isOrderlyOrRefused(byte[] document) {
    try {
      TocEntries entries = new TocEntries(BLOB);
      TocJson.read(document, entries::add);
      check(entries.index(Compression.GZIP));
    } catch (MalformedImportException e) {
      assertThat(e).hasMessageContaining("malformed");
    }
  }

  @MethodSource("ztocs")
  @FuzzTest(maxDuration = "3m")
  void ztoc_anyBytes_areOrderlyOrRefused(byte[] bytes) {
    try {
      check(Ztoc.read(bytes));
    } catch (MalformedImportException e) {
      assertThat(e).hasMessageContaining("malformed");
    }
  }

  /** Spans and digests are in order, and every byte of a file is in a span. */
  private static void check(ImportedIndex index) {
    long blob = -1;
    long stream = 0;
    for (ImportedSpan span : index.spans()) {
      assertThat(span.blobOffset()).isGreaterThan(blob);
      assertThat(span.blobLength()).isPositive();
      assertThat(span.streamOffset()).isEqualTo(stream);
      assertThat(span.streamLength()).isPositive();
      blob = span.blobOffset();
      stream += span.streamLength();
    }
    long end = 0;
    for (TarEntry entry : index.entries()) {
      long fileEnd = 0;
      for (Segment segment : entry.data()) {
        assertThat(entry.type()).isEqualTo(EntryType.FILE);
        assertThat(segment.streamOffset()).isGreaterThanOrEqualTo(end);
        assertThat(segment.fileOffset()).isGreaterThanOrEqualTo(fileEnd);
        end = segment.streamOffset() + segment.length();
        fileEnd = segment.fileOffset() + segment.length();
      }
      assertThat(fileEnd).isLessThanOrEqualTo(entry.size());
    }
    assertThat(end).isLessThanOrEqualTo(stream);
    for (RangeDigest digest : index.digests()) {
      assertThat(digest.offset()).isNotNegative();
      assertThat(digest.length()).isPositive();
    }
  }
}
