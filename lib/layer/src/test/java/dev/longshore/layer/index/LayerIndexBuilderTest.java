package dev.longshore.layer.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.longshore.layer.device.DeviceLayout;
import dev.longshore.layer.device.DeviceMap;
import dev.longshore.layer.span.Compression;
import dev.longshore.layer.span.MalformedLayerException;
import dev.longshore.layer.span.Span;
import dev.longshore.layer.span.SpanReader;
import dev.longshore.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayerIndexBuilderTest {
  private static final int SPAN = 64 << 10;

  @TempDir Path folder;
  private byte[] tar;

  @BeforeEach
  void archiveATree() throws Exception {
    Path tree = folder.resolve("tree");
    Files.createDirectories(tree.resolve("a/b"));
    Random random = new Random(1);
    for (int i = 0; i < 40; i++) {
      byte[] content = new byte[random.nextInt(30_000)];
      random.nextBytes(content);
      Arrays.fill(content, 0, content.length / 2, (byte) i);
      Files.write(tree.resolve("a/file" + i), content);
    }
    Files.createSymbolicLink(tree.resolve("a/b/link"), Path.of("../file1"));
    Files.createLink(tree.resolve("a/b/hard"), tree.resolve("a/file2"));
    Path archive = folder.resolve("layer.tar");
    Process process =
        new ProcessBuilder("tar", "-cf", archive.toString(), "-C", tree.toString(), ".")
            .inheritIO()
            .start();
    assertThat(process.waitFor()).isZero();
    tar = Files.readAllBytes(archive);
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void write_layerOfAnyCompression_fillsTheDeviceAndIndexesIt(Compression compression)
      throws Exception {
    byte[] blob = compressed(compression);
    Digest digest = Digest.sha256(blob);
    byte[] device = new byte[4 << 20];

    LayerIndex index = build(blob, compression, 1000, LayerIndex.DEFAULT_MEMORY, device);

    assertThat(index.layer()).isEqualTo(digest);
    assertThat(index.blobSize()).isEqualTo(blob.length);
    assertThat(index.diffId()).isEqualTo(Digest.sha256(tar));
    assertThat(index.streamSize()).isEqualTo(tar.length);
    assertThat(index.entries()).hasSize(45);
    DeviceLayout layout = DeviceLayout.of(index.entries());
    layout
        .extents()
        .forEach(extent ->
            assertThat(ByteBuffer.wrap(device, (int) extent.deviceOffset(), (int) extent.length()))
                .isEqualTo(
                    ByteBuffer.wrap(tar, (int) extent.streamOffset(), (int) extent.length())));
    assertThat(refilled(index, blob)).isEqualTo(device);
    assertThat(LayerIndex.decode(ByteBuffer.wrap(index.encode()), LayerIndex.DEFAULT_MEMORY))
        .isEqualTo(index);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 512, 1 << 20})
  void write_chunksOfAnySize_makesTheSameIndex(int chunk) throws Exception {
    byte[] blob = compressed(Compression.GZIP);

    LayerIndex index =
        build(blob, Compression.GZIP, chunk, LayerIndex.DEFAULT_MEMORY, new byte[4 << 20]);

    assertThat(index.encode())
        .isEqualTo(
            build(blob, Compression.GZIP, 4096, LayerIndex.DEFAULT_MEMORY, new byte[4 << 20])
                .encode());
  }

  @Test
  void finish_cutOff_isMalformed() throws Exception {
    byte[] blob = compressed(Compression.GZIP);
    byte[] cut = Arrays.copyOf(blob, blob.length / 2);

    assertThatThrownBy(
            () -> build(cut, Compression.GZIP, 4096, LayerIndex.DEFAULT_MEMORY, new byte[4 << 20]))
        .isInstanceOf(MalformedLayerException.class);
  }

  @Test
  void write_noTarStream_saysThatThereIsNoIndex() {
    byte[] noTar = new byte[4096];
    Arrays.fill(noTar, (byte) 'x');

    assertThatThrownBy(
            () -> build(noTar, Compression.NONE, 512, LayerIndex.DEFAULT_MEMORY, new byte[0]))
        .isInstanceOf(UnindexedLayerException.class)
        .hasMessageContaining("not a tar stream");
  }

  @Test
  void write_moreEntriesThanMemoryAllows_saysThatThereIsNoIndex() {
    assertThatThrownBy(() -> build(tar, Compression.NONE, 512, 2000, new byte[4 << 20]))
        .isInstanceOf(UnindexedLayerException.class)
        .hasMessageContaining("2000 bytes of memory");
  }

  @Test
  void write_moreWindowsThanMemoryAllows_saysThatThereIsNoIndex() throws Exception {
    byte[] blob = compressed(Compression.GZIP);
    var bounds = new LayerIndexBuilder.Bounds(LayerIndex.DEFAULT_MEMORY, 40_000, Long.MAX_VALUE);

    assertThatThrownBy(() -> writeWithin(bounds, blob))
        .isInstanceOf(UnindexedLayerException.class)
        .hasMessageContaining("windows")
        .hasMessageContaining("40000");
  }

  @Test
  void write_longerStreamThanAllowed_saysThatThereIsNoIndex() throws Exception {
    byte[] blob = compressed(Compression.GZIP);
    var bounds = new LayerIndexBuilder.Bounds(LayerIndex.DEFAULT_MEMORY, Long.MAX_VALUE, 100_000);

    assertThatThrownBy(() -> writeWithin(bounds, blob))
        .isInstanceOf(UnindexedLayerException.class)
        .hasMessageContaining("uncompresses to more than 100000");
    writeWithin(
        new LayerIndexBuilder.Bounds(LayerIndex.DEFAULT_MEMORY, Long.MAX_VALUE, tar.length), blob);
  }

  private static void writeWithin(LayerIndexBuilder.Bounds bounds, byte[] gzip)
      throws IOException, UnindexedLayerException {
    try (LayerIndexBuilder builder =
        new LayerIndexBuilder(
            Digest.sha256(gzip),
            Compression.GZIP,
            SPAN,
            bounds,
            LayerIndexBuilder.FileBytes.NOBODY)) {
      builder.write(ByteBuffer.wrap(gzip));
      assertThat(builder.finish().streamSize()).isPositive();
    }
  }

  private static LayerIndex build(
      byte[] blob, Compression compression, int chunk, long memory, byte[] device)
      throws IOException, UnindexedLayerException {
    try (LayerIndexBuilder builder =
        new LayerIndexBuilder(
            Digest.sha256(blob),
            compression,
            SPAN,
            memory,
            (offset, bytes) -> bytes.get(device, (int) offset, bytes.remaining()))) {
      for (int at = 0; at < blob.length; at += chunk) {
        builder.write(ByteBuffer.wrap(blob, at, Math.min(chunk, blob.length - at)));
      }
      return builder.finish();
    }
  }

  /** A device filled span by span, in disorder. */
  private static byte[] refilled(LayerIndex index, byte[] blob) throws MalformedLayerException {
    byte[] device = new byte[4 << 20];
    DeviceMap map = DeviceMap.of(DeviceLayout.of(index.entries()));
    try (SpanReader reader = new SpanReader()) {
      for (Span span : index.spans().reversed()) {
        byte[] output = new byte[Math.toIntExact(span.streamLength())];
        reader.read(
            span,
            index.compression(),
            ByteBuffer.wrap(blob, (int) span.inputOffset(), (int) span.inputLength()),
            ByteBuffer.wrap(output));
        map.runs(
            span.streamOffset(),
            span.streamLength(),
            (stream, offset, length) ->
                System.arraycopy(
                    output,
                    (int) (stream - span.streamOffset()),
                    device,
                    (int) offset,
                    (int) length));
      }
    }
    return device;
  }

  private byte[] compressed(Compression compression) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    switch (compression) {
      case NONE -> out.writeBytes(tar);
      case GZIP -> {
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
          gzip.write(tar);
        }
      }
      case ZSTD -> {
        for (int at = 0; at < tar.length; at += 100_000) {
          out.writeBytes(
              Zstd.compress(Arrays.copyOfRange(tar, at, Math.min(tar.length, at + 100_000))));
        }
      }
    }
    return out.toByteArray();
  }
}
