package dev.longshore.lazy.layers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.layer.index.LayerIndex;
import dev.longshore.layer.index.LayerIndexBuilder;
import dev.longshore.layer.index.UnindexedLayerException;
import dev.longshore.layer.span.Compression;
import dev.longshore.lazy.snapshot.RemoteLayer;
import dev.longshore.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/**
 * A gzip layer of files that compress to a bit more than half; in a folder, for several processes.
 */
final class TestLayer {
  static final String IMAGE = "registry.example/app:v1";
  static final int FILES = 20;
  private static final int FILE = 200_000;
  private static final int SPAN = 128 << 10;
  private static final String BLOB = "layer.tar.gz";

  private final Path folder;
  private final byte[] blob;
  private final LayerIndex index;

  private TestLayer(Path folder, byte[] blob, LayerIndex index) {
    this.folder = folder;
    this.blob = blob;
    this.index = index;
  }

  static TestLayer make(Path folder) throws IOException, InterruptedException {
    Path tree = Files.createDirectories(folder.resolve("tree/dir"));
    Random random = new Random(3);
    for (int i = 0; i < FILES; i++) {
      byte[] content = new byte[FILE];
      for (int j = 0; j < content.length; j++) {
        content[j] = (byte) (random.nextInt() & 31);
      }
      Files.write(tree.resolve(name(i)), content);
    }
    Process tar =
        new ProcessBuilder("tar", "--sort=name", "-cf", "../layer.tar", ".")
            .directory(folder.resolve("tree").toFile())
            .inheritIO()
            .start();
    assertThat(tar.waitFor()).isZero();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(Files.readAllBytes(folder.resolve("layer.tar")));
    }
    Files.write(folder.resolve(BLOB), out.toByteArray());
    return load(folder);
  }

  /** The layer that was made in this folder. */
  static TestLayer load(Path folder) throws IOException {
    byte[] blob = Files.readAllBytes(folder.resolve(BLOB));
    try (LayerIndexBuilder builder =
        new LayerIndexBuilder(
            Digest.sha256(blob),
            Compression.GZIP,
            SPAN,
            LayerIndex.DEFAULT_MEMORY,
            LayerIndexBuilder.FileBytes.NOBODY)) {
      builder.write(ByteBuffer.wrap(blob));
      return new TestLayer(folder, blob, builder.finish());
    } catch (UnindexedLayerException e) {
      throw new IOException(e);
    }
  }

  byte[] blob() {
    return blob.clone();
  }

  LayerIndex index() {
    return index;
  }

  Digest digest() {
    return index.layer();
  }

  static String name(int file) {
    return "file%02d".formatted(file);
  }

  byte[] original(int file) throws IOException {
    return Files.readAllBytes(folder.resolve("tree/dir").resolve(name(file)));
  }

  RemoteLayer wanted() {
    return wanted(digest());
  }

  static RemoteLayer wanted(Digest layer) {
    return new RemoteLayer(
        IMAGE, layer, Optional.empty(), List.of(), layer, Optional.empty(), Map.of());
  }
}
