package dev.longshore.layer.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.layer.RawText;
import dev.longshore.layer.span.Compression;
import dev.longshore.layer.span.Restart;
import dev.longshore.layer.span.Span;
import dev.longshore.layer.span.Window;
import dev.longshore.layer.tar.EntryType;
import dev.longshore.layer.tar.Segment;
import dev.longshore.layer.tar.TarEntry;
import dev.longshore.oci.Digest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayerIndexTest {
  private static final Digest LAYER = Digest.sha256(new byte[] {1});
  private static final Digest DIFF_ID = Digest.sha256(new byte[] {2});
  private static final long MEMORY = LayerIndex.DEFAULT_MEMORY;

  @Test
  void decode_whatWasEncoded_isTheSame() throws MalformedIndexException {
    LayerIndex index = nastyIndex();

    LayerIndex read = LayerIndex.decode(ByteBuffer.wrap(index.encode()), MEMORY);

    assertThat(read).isEqualTo(index);
    assertThat(LayerIndex.decode(ByteBuffer.wrap(index.encodeFast()), MEMORY)).isEqualTo(index);
  }

  @Test
  void decode_offHeapAndInTheMiddle_leavesPositionAndLimit() throws MalformedIndexException {
    byte[] encoded = nastyIndex().encode();
    ByteBuffer buffer = ByteBuffer.allocateDirect(encoded.length + 10).put(5, encoded);
    buffer.position(5).limit(5 + encoded.length);

    assertThat(LayerIndex.decode(buffer, MEMORY)).isEqualTo(nastyIndex());
    assertThat(buffer.position()).isEqualTo(5);
    assertThat(buffer.remaining()).isEqualTo(encoded.length);
  }

  @Test
  void decode_cutOffAnywhere_isMalformed() {
    byte[] encoded = nastyIndex().encode();

    for (int length = 0; length < encoded.length; length++) {
      ByteBuffer cut = ByteBuffer.wrap(encoded, 0, length);
      assertThatThrownBy(() -> LayerIndex.decode(cut, MEMORY))
          .as("first %d bytes", length)
          .isInstanceOf(MalformedIndexException.class);
    }
  }

  @Test
  void decode_moreBehindIt_isMalformed() {
    byte[] encoded = nastyIndex().encode();
    ByteBuffer longer = ByteBuffer.allocate(encoded.length + 1).put(encoded).rewind();

    assertThatThrownBy(() -> LayerIndex.decode(longer, MEMORY))
        .isInstanceOf(MalformedIndexException.class)
        .hasMessageContaining("sections");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void decode_anyDamage_isMalformedOrAnIndexThatHoldsTogether(long seed) {
    byte[] encoded = nastyIndex().encode();
    Random random = new Random(seed);
    for (int round = 0; round < 2000; round++) {
      byte[] damaged = encoded.clone();
      for (int i = random.nextInt(3); i >= 0; i--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      assertThatCode(
              () -> {
                try {
                  LayerIndex.decode(ByteBuffer.wrap(damaged), 1 << 20).check();
                } catch (MalformedIndexException expected) {
                  assertThat(expected).hasMessageMatching("(?s).+");
                }
              })
          .as("seed %d, round %d", seed, round)
          .doesNotThrowAnyException();
    }
  }

  @Test
  void decode_moreEntriesThanMemoryAllows_isRefused() {
    List<TarEntry> entries = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      entries.add(entry("d/" + i, EntryType.DIRECTORY));
    }
    byte[] encoded = index(entries, List.of(), 0).encode();

    assertThatThrownBy(() -> LayerIndex.decode(ByteBuffer.wrap(encoded), 1 << 20))
        .isInstanceOf(MalformedIndexException.class)
        .hasMessageContaining("memory");
  }

  @Test
  void encode_manyFilesOfAPackage_takesFewBytesEach() {
    List<TarEntry> entries = new ArrayList<>();
    long stream = 0;
    Random random = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      long size = 1L + random.nextInt(20_000);
      entries.add(
          new TarEntry(
              "usr/share/doc/package%d/file%d.txt".formatted(i / 20, i),
              EntryType.FILE,
              0644,
              0,
              0,
              1_700_000_000 + random.nextInt(1000),
              0,
              size,
              "",
              0,
              0,
              new TreeMap<>(),
              List.of(new Segment(0, stream + 512, size))));
      stream = (stream + 512 + size + 511) / 512 * 512;
    }
    List<Span> spans = List.of(new Span(0, 1, 0, stream, new Restart.Fresh(), DIFF_ID));

    assertThat(index(entries, spans, stream).encode().length).isLessThan(10_000 * 9);
  }

  @Test
  void check_spansWithAGap_isMalformed() {
    Span span = new Span(0, 10, 1, 99, new Restart.Fresh(), DIFF_ID);

    assertRefused(index(List.of(), List.of(span), 100), "span 0");
  }

  @Test
  void check_spanBeyondTheLayer_isMalformed() {
    Span span = new Span(0, 1001, 0, 100, new Restart.Fresh(), DIFF_ID);

    assertRefused(index(List.of(), List.of(span), 100), "layer of 1000");
  }

  @Test
  void check_spansThatEndEarly_isMalformed() {
    Span span = new Span(0, 10, 0, 99, new Restart.Fresh(), DIFF_ID);

    assertRefused(index(List.of(), List.of(span), 100), "end at 99 of 100");
  }

  @Test
  void check_dataBeyondTheStreamOrOverlapping_isMalformed() {
    Span span = new Span(0, 10, 0, 100, new Restart.Fresh(), DIFF_ID);

    assertRefused(index(List.of(file("a", 90, 11)), List.of(span), 100), "entry 0");
    assertRefused(
        index(List.of(file("a", 10, 20), file("b", 29, 5)), List.of(span), 100), "entry 1");
  }

  @Test
  void check_filesThatNoDeviceHolds_isMalformed() {
    List<TarEntry> entries = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      entries.add(
          new TarEntry(
              "huge" + i,
              EntryType.FILE,
              0644,
              0,
              0,
              0,
              0,
              1L << 54,
              "",
              0,
              0,
              new TreeMap<>(),
              List.of(new Segment(0, i, 1))));
    }
    Span span = new Span(0, 10, 0, 100, new Restart.Fresh(), DIFF_ID);

    assertRefused(index(entries, List.of(span), 100), "bytes");
  }

  private static void assertRefused(LayerIndex index, String reason) {
    assertThatThrownBy(index::check)
        .isInstanceOf(MalformedIndexException.class)
        .hasMessageContaining(reason);
  }

  private static LayerIndex nastyIndex() {
    byte[] window = new byte[Window.MAX_BYTES];
    new Random(1).nextBytes(window);
    return index(
        List.of(
            entry("./", EntryType.DIRECTORY),
            file("./usr/bin/\u00ff\u0000name", 512, 1000),
            new TarEntry(
                "./usr/bin/sparse",
                EntryType.FILE,
                07777,
                0xffff_ffffL,
                0xffff_fffeL,
                -5_000_000_000L,
                999_999_999,
                1L << 42,
                "",
                0,
                0,
                new TreeMap<>(
                    Map.of("security.capability", "\u0001\u0000\u0000\u0002", "user.empty", "")),
                List.of(new Segment(4096, 2048, 10), new Segment((1L << 42) - 1, 2058, 1))),
            file("./empty"),
            link("./hard", EntryType.HARD_LINK, "./usr/bin/sparse"),
            link("./soft", EntryType.SYMLINK, "../../\u00e4"),
            device("./block", EntryType.BLOCK_DEVICE),
            device("./character", EntryType.CHARACTER_DEVICE),
            entry("./fifo", EntryType.FIFO)),
        List.of(
            new Span(0, 400, 0, 2000, new Restart.Fresh(), DIFF_ID),
            new Span(399, 601, 2000, 1000, new Restart.Midway(7, Window.of(window)), LAYER),
            new Span(
                999, 1, 3000, 4_000_000, new Restart.Midway(0, Window.of(new byte[0])), LAYER)),
        4_003_000);
  }

  private static LayerIndex index(List<TarEntry> entries, List<Span> spans, long streamSize) {
    return new LayerIndex(LAYER, 1000, Compression.GZIP, DIFF_ID, streamSize, entries, spans);
  }

  private static TarEntry file(String path, long streamOffset, long size) {
    return new TarEntry(
        path,
        EntryType.FILE,
        0644,
        0,
        0,
        1_700_000_000,
        0,
        size,
        "",
        0,
        0,
        new TreeMap<>(),
        List.of(new Segment(0, streamOffset, size)));
  }

  private static TarEntry file(String path) {
    return entry(path, EntryType.FILE);
  }

  private static TarEntry entry(String path, EntryType type) {
    return new TarEntry(
        path, type, 0755, 0, 0, 1_700_000_000, 0, 0, "", 0, 0, new TreeMap<>(), List.of());
  }

  private static TarEntry link(String path, EntryType type, String target) {
    return new TarEntry(
        path,
        type,
        0777,
        0,
        0,
        1_700_000_000,
        1,
        0,
        RawText.ofUtf8(target),
        0,
        0,
        new TreeMap<>(),
        List.of());
  }

  private static TarEntry device(String path, EntryType type) {
    return new TarEntry(
        path, type, 0600, 0, 6, 1, 0, 0, "", 4095, (1 << 20) - 1, new TreeMap<>(), List.of());
  }
}
