package dev.longshore.layer.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.layer.imports.FlatBuilder.Table;
import dev.longshore.layer.span.Compression;
import dev.longshore.layer.span.Restart;
import dev.longshore.layer.span.Window;
import dev.longshore.layer.tar.EntryType;
import dev.longshore.layer.tar.Segment;
import dev.longshore.layer.tar.TarEntry;
import dev.longshore.oci.Digest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ZtocTest {
  private static final String DIGEST = "sha256:" + "a".repeat(64);

  @Test
  void ztoc_filesOfEachType_haveWhatItSays() throws Exception {
    Table file =
        file("dir/\u00ff", "reg", 1024, 10)
            .with(5, 04755L)
            .with(6, -1)
            .with(7, 5)
            .with(10, "2020-01-02T03:04:05.5+01:00")
            .with(
                13,
                List.of(
                    new Table().with(0, "SCHILY.xattr.user.a").with(1, "\0b"),
                    new Table().with(0, "mtime").with(1, "1577930645.5")));
    Table link = new Table().with(0, "l").with(1, "symlink").with(4, "target");
    Table device = new Table().with(0, "c").with(1, "char").with(11, 5L).with(12, 1L);

    ImportedIndex index = imported(ztoc(List.of(file, link, device), gzip(1, point(10, 0, 0))));

    assertThat(index.entries())
        .containsExactly(
            new TarEntry(
                "dir/\u00ff",
                EntryType.FILE,
                04755,
                4294967295L,
                5,
                1577930645,
                500_000_000,
                10,
                "",
                0,
                0,
                new TreeMap<>(Map.of("user.a", "\0b")),
                List.of(new Segment(0, 1024, 10))),
            entry("l", EntryType.SYMLINK, "target", 0, 0),
            entry("c", EntryType.CHARACTER_DEVICE, "", 5, 1));
  }

  @Test
  void ztoc_checkpointsOfVersion2_areSpans() throws Exception {
    ImportedIndex index =
        imported(
            ztoc(List.of(), gzip(3, point(15, 0, 0), point(100, 4000, 3), point(200, 8000, 0))));

    assertThat(index.compression()).isEqualTo(Compression.GZIP);
    assertThat(index.spans())
        .containsExactly(
            new ImportedSpan(0, 100, 0, 4000, new Restart.Fresh()),
            new ImportedSpan(100, 100, 4000, 4000, new Restart.Midway(3, window(100))),
            new ImportedSpan(200, 800, 8000, 2000, new Restart.Midway(0, window(200))));
    assertThat(index.digests()).containsExactly(digest(15, 85), digest(99, 101), digest(200, 800));
  }

  @Test
  void ztoc_checkpointsOfVersion1_leaveTheFirstOut() throws Exception {
    ImportedIndex index = imported(ztoc(List.of(), gzip(2, point(100, 4000, 1))));

    assertThat(index.spans())
        .containsExactly(
            new ImportedSpan(0, 100, 0, 4000, new Restart.Fresh()),
            new ImportedSpan(100, 900, 4000, 6000, new Restart.Midway(1, window(100))));
    assertThat(index.digests()).containsExactly(digest(10, 90), digest(99, 901));
  }

  @Test
  void ztoc_uncompressedLayer_isCutIntoSpans() throws Exception {
    byte[] zinfo = FlatBuilder.build(new Table().with(0, 2).with(1, 400L).with(2, 1000L));

    ImportedIndex index = imported(ztoc(List.of(), (byte) 2, zinfo, 3, 1000, 1000));

    assertThat(index.compression()).isEqualTo(Compression.NONE);
    assertThat(index.spans())
        .containsExactly(
            new ImportedSpan(0, 400, 0, 400, new Restart.Fresh()),
            new ImportedSpan(400, 400, 400, 400, new Restart.Fresh()),
            new ImportedSpan(800, 200, 800, 200, new Restart.Fresh()));
  }

  @Test
  void ztoc_checkpointsThatAreNone_areRefused() {
    for (byte[] zinfo :
        List.of(
            new byte[0],
            new byte[11],
            gzip(0),
            gzip(-1),
            gzip(Integer.MAX_VALUE),
            gzip(3, point(100, 4000, 0)),
            gzip(2, point(10, 0, 0), point(100, 0, 0)),
            gzip(2, point(100, 0, 0), point(100, 4000, 0)),
            gzip(2, point(10, 1, 0), point(100, 4000, 0)),
            gzip(2, point(10, 0, 0), point(100, 4000, 8)),
            gzip(2, point(10, 0, 0), point(100, 4000, -1)),
            gzip(2, point(10, 0, 0), point(1000, 4000, 0)),
            gzip(2, point(10, 0, 0), point(100, 10_000, 0)),
            gzip(2, point(-5, 0, 0), point(100, 4000, 0)))) {
      assertThatThrownBy(() -> imported(ztoc(List.of(), zinfo)))
          .isInstanceOf(MalformedImportException.class);
    }
  }

  @Test
  void ztoc_uncompressedWithoutSpans_isRefused() {
    for (long[] sizes :
        new long[][] {{0, 1000}, {-1, 1000}, {400, 0}, {1, 1L << 40}, {1L << 62, Long.MAX_VALUE}}) {
      byte[] zinfo = FlatBuilder.build(new Table().with(1, sizes[0]).with(2, sizes[1]));
      assertThatThrownBy(() -> imported(ztoc(List.of(), (byte) 2, zinfo, 3, 1000, 1000)))
          .isInstanceOf(MalformedImportException.class);
    }
  }

  @Test
  void ztoc_filesThatAreNone_areRefused() {
    for (List<Table> files :
        List.of(
            List.of(file("f", "reg", -1, 10)),
            List.of(file("f", "reg", 9991, 10)),
            List.of(file("f", "reg", 0, -1)),
            List.of(file("f", "reg", Long.MAX_VALUE, 10)),
            List.of(file("f", "reg", 100, 10), file("g", "reg", 109, 10)),
            List.of(file("f", "socket", 0, 0)),
            List.of(file("f", "dir", 0, 0).with(10, "now")),
            List.of(
                file("f", "reg", 0, 10)
                    .with(13, List.of(new Table().with(0, "GNU.sparse.major").with(1, "1")))))) {
      assertThatThrownBy(() -> imported(ztoc(files, gzip(1, point(10, 0, 0)))))
          .isInstanceOf(MalformedImportException.class);
    }
  }

  @Test
  void ztoc_otherVersionDigestOrDigests_isRefused() {
    byte[] zinfo = gzip(1, point(10, 0, 0));
    byte[] good = ztoc(List.of(), zinfo);

    assertThatThrownBy(() -> IndexImporter.ztoc(good, Digest.parse(DIGEST)))
        .isInstanceOf(MalformedImportException.class)
        .hasMessageContaining(DIGEST);
    for (byte[] bad :
        List.of(
            new byte[0],
            FlatBuilder.build(new Table()),
            FlatBuilder.build(new Table().with(0, "1.0")),
            FlatBuilder.build(new Table().with(0, "0.9")),
            ztoc(List.of(), (byte) 3, zinfo, 1, 1000, 10_000),
            ztoc(List.of(), (byte) 1, zinfo, 2, 1000, 10_000))) {
      assertThatThrownBy(() -> imported(bad)).isInstanceOf(MalformedImportException.class);
    }
  }

  @Test
  void ztoc_bytesUsedOverAndOver_areRefused() {
    // A vector of offsets that all lead to one table, whose name is most of the buffer.
    int count = 1000;
    List<Table> files = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      files.add(new Table());
    }
    files.add(file("n".repeat(100_000), "dir", 0, 0));
    byte[] bytes = ztoc(files, gzip(1, point(10, 0, 0)));
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int vector = 0;
    while (buffer.getInt(vector) != count + 1) {
      vector++;
    }
    int last = vector + 4 + 4 * count;
    for (int i = 0; i < count; i++) {
      int place = vector + 4 + 4 * i;
      buffer.putInt(place, last + buffer.getInt(last) - place);
    }

    assertThatThrownBy(() -> imported(bytes))
        .isInstanceOf(MalformedImportException.class)
        .hasMessageContaining("used again");
  }

  @Test
  void ztoc_mutatedOrTruncated_throwsNothingElse() {
    byte[] good =
        ztoc(
            List.of(
                file("f", "reg", 512, 10)
                    .with(13, List.of(new Table().with(0, "SCHILY.xattr.user.a").with(1, "value"))),
                new Table().with(0, "l").with(1, "symlink").with(4, "target")),
            gzip(2, point(100, 4000, 1)));
    long seed = new Random().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    int refused = 0;
    for (int run = 0; run < 20_000; run++) {
      byte[] bytes = Arrays.copyOf(good, good.length - random.nextInt(2) * random.nextInt(300));
      // The window in the middle is not worth changing.
      int span = random.nextInt(600);
      int at = span < 300 ? span : bytes.length - span + 299;
      bytes[at] = (byte) (random.nextBoolean() ? random.nextInt() : random.nextInt(3) - 1);
      try {
        imported(bytes);
      } catch (MalformedImportException e) {
        refused++;
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed + ", run " + run, e);
      }
    }
    assertThat(refused).as("seed %d", seed).isBetween(1, 19_999);
  }

  private static ImportedIndex imported(byte[] ztoc) throws MalformedImportException {
    return IndexImporter.ztoc(ztoc, Digest.sha256(ztoc));
  }

  private static byte[] ztoc(List<Table> files, byte[] zinfo) {
    int points =
        zinfo.length < 4 ? 0 : ByteBuffer.wrap(zinfo).order(ByteOrder.LITTLE_ENDIAN).getInt();
    return ztoc(files, (byte) 1, zinfo, Math.clamp(points, 0, 9), 1000, 10_000);
  }

  private static byte[] ztoc(
      List<Table> files, byte algorithm, byte[] zinfo, int spans, long blob, long stream) {
    List<String> digests = new ArrayList<>();
    for (int i = 0; i < spans; i++) {
      digests.add(DIGEST);
    }
    return FlatBuilder.build(
        new Table()
            .with(0, "0.9")
            .with(1, "test")
            .with(2, blob)
            .with(3, stream)
            .with(4, new Table().with(0, files))
            .with(
                5,
                new Table().with(0, algorithm).with(1, spans - 1).with(2, digests).with(3, zinfo)));
  }

  private static Table file(String name, String type, long offset, long size) {
    return new Table().with(0, name).with(1, type).with(2, offset).with(3, size);
  }

  private static byte[] gzip(int count, byte[]... points) {
    ByteBuffer zinfo =
        ByteBuffer.allocate(12 + points.length * 32_785).order(ByteOrder.LITTLE_ENDIAN);
    zinfo.putInt(count).putLong(4000);
    for (byte[] point : points) {
      zinfo.put(point);
    }
    return zinfo.array();
  }

  private static byte[] point(long blob, long stream, int bits) {
    return ByteBuffer.allocate(32_785)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(blob)
        .putLong(stream)
        .put((byte) bits)
        .put(window(blob).bytes())
        .array();
  }

  private static Window window(long of) {
    byte[] bytes = new byte[Window.MAX_BYTES];
    Arrays.fill(bytes, (byte) of);
    return Window.of(bytes);
  }

  private static RangeDigest digest(long offset, long length) {
    return new RangeDigest(RangeDigest.Of.BLOB, offset, length, Digest.parse(DIGEST));
  }

  private static TarEntry entry(String path, EntryType type, String target, int major, int minor) {
    return new TarEntry(
        path, type, 0, 0, 0, 0, 0, 0, target, major, minor, new TreeMap<>(), List.of());
  }
}
