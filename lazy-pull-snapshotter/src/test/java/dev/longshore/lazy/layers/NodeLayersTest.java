package dev.longshore.lazy.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.layer.index.LayerIndex;
import dev.longshore.layer.index.LayerIndexBuilder;
import dev.longshore.layer.span.Compression;
import dev.longshore.lazy.keeper.KeeperLink;
import dev.longshore.lazy.keeper.KeeperProcess;
import dev.longshore.lazy.kernel.MountTable;
import dev.longshore.lazy.kernel.Mounts;
import dev.longshore.lazy.snapshot.LayerMount;
import dev.longshore.lazy.snapshot.MountAnswer;
import dev.longshore.lazy.snapshot.RemoteLayer;
import dev.longshore.oci.Digest;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a real keeper, real fanotify events and real EROFS mounts. */
@Tag("node")
class NodeLayersTest {
  private static final int FILES = 20;
  private static final int FILE = 200_000;

  @TempDir Path folder;
  private Path root;
  private byte[] blob;
  private Digest layer;
  private LayerIndex index;
  private final FakeSource source = new FakeSource();
  private final MeterRegistry metrics = new SimpleMeterRegistry();

  @BeforeEach
  void makeLayer() throws Exception {
    root = Files.createDirectories(folder.resolve("root"));
    Path tree = Files.createDirectories(folder.resolve("tree/dir")).resolveSibling("dir");
    Random random = new Random(3);
    for (int i = 0; i < FILES; i++) {
      byte[] content = new byte[FILE];
      for (int j = 0; j < content.length; j++) {
        content[j] = (byte) (random.nextInt() & 31);
      }
      Files.write(tree.resolve("file%02d".formatted(i)), content);
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
    blob = out.toByteArray();
    layer = Digest.sha256(blob);
    try (LayerIndexBuilder builder =
        new LayerIndexBuilder(
            layer,
            Compression.GZIP,
            128 << 10,
            LayerIndex.DEFAULT_MEMORY,
            LayerIndexBuilder.FileBytes.NOBODY)) {
      builder.write(ByteBuffer.wrap(blob));
      index = builder.finish();
    }
  }

  @AfterEach
  void cleanUp() throws IOException {
    for (Path point : MountTable.mountPoints()) {
      if (point.startsWith(root)) {
        Mounts.detach(point);
      }
    }
    try (KeeperLink link = KeeperProcess.connect(root)) {
      link.start(_ -> {});
      for (String device : link.held().keySet()) {
        link.release(device);
      }
      link.exit();
    }
  }

  @Test
  void mount_withAnIndex_readsWhatIsReadAndNoMore() throws Exception {
    source.indexed = true;
    try (NodeLayers layers = open(false)) {
      Path mounted = mount(layers);

      assertThat(names(mounted.resolve("dir"))).hasSize(FILES);
      assertThat(source.asked).as("for listing").isEmpty();
      assertThat(Files.readAllBytes(mounted.resolve("dir/file07"))).isEqualTo(original(7));
      assertThat(source.bytes()).isLessThan(blob.length / 4);
      assertThat(metrics.get(LayerMetrics.READ_WAIT).timer().count()).isPositive();
      assertThat(metrics.get(LayerMetrics.MOUNTS).tag("state", "lazy").gauge().value()).isOne();
      layers.release(layer);
    }
  }

  @Test
  void mount_readAll_isCompleteAndNeedsNobodyAnyMore() throws Exception {
    source.indexed = true;
    Path mounted;
    try (NodeLayers layers = open(false)) {
      mounted = mount(layers);
      assertAllOf(mounted);
    }
    try (KeeperLink link = KeeperProcess.connect(root)) {
      assertThat(link.held()).isEmpty();
    }
    assertAllOf(mounted);
  }

  @Test
  void mount_filledInBackground_isCompleteWithoutReaders() throws Exception {
    source.indexed = true;
    try (NodeLayers layers = open(true)) {
      Path mounted = mount(layers);
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> source.bytes() >= blob.length - 1);
      source.failing = true;

      assertAllOf(mounted);
      layers.release(layer);
    }
  }

  @Test
  void mount_withoutIndex_isFetchedWhole() throws Exception {
    try (NodeLayers layers = open(false)) {
      Path mounted = mount(layers);
      source.failing = true;

      assertAllOf(mounted);
      layers.release(layer);
      assertThat(MountTable.mountPoints()).doesNotContain(mounted);
      assertThat(root.resolve("layers")).isEmptyDirectory();
    }
  }

  @Test
  void mount_indexOfAnotherLayer_isFetchedWhole() throws Exception {
    source.indexed = true;
    index =
        new LayerIndex(
            index.diffId(),
            index.blobSize(),
            index.compression(),
            index.diffId(),
            index.streamSize(),
            index.entries(),
            index.spans());
    try (NodeLayers layers = open(false)) {
      Path mounted = mount(layers);
      source.failing = true;

      assertAllOf(mounted);
      layers.release(layer);
    }
  }

  @Test
  void mount_layerThatIsNoArchive_isDeclined() throws Exception {
    blob =
        "no archive at all, as far as anybody can see".repeat(100).getBytes(StandardCharsets.UTF_8);
    layer = Digest.sha256(blob);
    try (NodeLayers layers = open(false)) {
      assertThat(layers.mount(wanted())).isInstanceOf(MountAnswer.Declined.class);
      assertThat(root.resolve("layers")).isEmptyDirectory();
    }
  }

  @Test
  void restore_afterARestart_goesOnWhereItWas() throws Exception {
    source.indexed = true;
    Path mounted;
    try (NodeLayers layers = open(false)) {
      mounted = mount(layers);
      assertThat(Files.readAllBytes(mounted.resolve("dir/file00"))).isEqualTo(original(0));
    }
    CompletableFuture<byte[]> waiting =
        CompletableFuture.supplyAsync(() -> read(mounted.resolve("dir/file19")));

    try (NodeLayers layers = open(false)) {
      layers.keepOnly(Set.of(layer));
      assertThat(layers.restore(layer).directory()).isEqualTo(mounted);

      assertThat(waiting.get(20, TimeUnit.SECONDS)).isEqualTo(original(19));
      assertAllOf(mounted);
      layers.release(layer);
    }
  }

  @Test
  void restore_unmountedMeanwhile_mountsFromDiskWithoutSource() throws Exception {
    source.indexed = true;
    Path mounted;
    try (NodeLayers layers = open(false)) {
      mounted = mount(layers);
      assertAllOf(mounted);
    }
    Mounts.unmount(mounted);
    source.failing = true;

    try (NodeLayers layers = open(false)) {
      layers.restore(layer);
      assertAllOf(mounted);
      layers.release(layer);
    }
  }

  @Test
  void keepOnly_nobodyUsesIt_isUnmountedAndDeleted() throws Exception {
    source.indexed = true;
    Path mounted;
    try (NodeLayers layers = open(false)) {
      mounted = mount(layers);
    }

    try (NodeLayers layers = open(false)) {
      layers.keepOnly(Set.of());

      assertThat(MountTable.mountPoints()).doesNotContain(mounted);
      assertThat(root.resolve("layers")).isEmptyDirectory();
      assertThatThrownBy(() -> layers.restore(layer)).hasMessageContaining("not on the disk");
    }
  }

  @Test
  void read_sourceGone_isAnErrorAndWorksOnceItIsBack() throws Exception {
    source.indexed = true;
    source.failing = true;
    try (NodeLayers layers = open(false)) {
      Path file = mount(layers).resolve("dir/file05");

      assertThatThrownBy(() -> Files.readAllBytes(file)).isInstanceOf(IOException.class);
      source.failing = false;
      assertThat(Files.readAllBytes(file)).isEqualTo(original(5));
      layers.release(layer);
    }
  }

  @Test
  void release_whileSomebodyWaits_isAnErrorForHim() throws Exception {
    source.indexed = true;
    source.failing = true;
    try (NodeLayers layers = open(false, Duration.ofSeconds(60))) {
      Path file = mount(layers).resolve("dir/file05");
      CompletableFuture<byte[]> waiting = CompletableFuture.supplyAsync(() -> read(file));
      Awaitility.await().until(() -> source.failures > 0);

      layers.release(layer);

      assertThatThrownBy(() -> waiting.get(20, TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(IOException.class);
    }
  }

  private NodeLayers open(boolean inBackground) throws IOException {
    return open(inBackground, Duration.ofMillis(200));
  }

  private NodeLayers open(boolean inBackground, Duration patience) throws IOException {
    return new NodeLayers(
        root,
        root.resolve("snapshots"),
        KeeperProcess.connect(root),
        image -> {
          assertThat(image).isEqualTo("registry.example/app:v1");
          return source;
        },
        inBackground,
        patience,
        new LayerMetrics(metrics));
  }

  private Path mount(NodeLayers layers) throws IOException {
    MountAnswer answer = layers.mount(wanted());
    assertThat(answer).isInstanceOf(LayerMount.class);
    assertThat(((LayerMount) answer).diffId()).isEqualTo(index.diffId());
    return ((LayerMount) answer).directory();
  }

  private RemoteLayer wanted() {
    return new RemoteLayer(
        "registry.example/app:v1",
        layer,
        Optional.empty(),
        List.of(),
        layer,
        Optional.empty(),
        Map.of());
  }

  private void assertAllOf(Path mounted) throws IOException {
    for (int i = 0; i < FILES; i++) {
      assertThat(Files.readAllBytes(mounted.resolve("dir/file%02d".formatted(i))))
          .isEqualTo(original(i));
    }
  }

  private byte[] original(int file) throws IOException {
    return Files.readAllBytes(folder.resolve("tree/dir/file%02d".formatted(file)));
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> names(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private final class FakeSource implements LayerSource {
    private final List<Long> asked = Collections.synchronizedList(new ArrayList<>());
    private volatile boolean indexed;
    private volatile boolean failing;
    private volatile int failures;

    long bytes() {
      synchronized (asked) {
        return asked.stream().mapToLong(Long::longValue).sum();
      }
    }

    @Override
    public Optional<byte[]> index(Digest wanted) {
      return indexed ? Optional.of(index.encode()) : Optional.empty();
    }

    @Override
    public void readAll(Digest wanted, Receiver receiver) throws IOException {
      read(wanted, 0, blob.length, receiver);
    }

    @Override
    public void read(Digest wanted, long offset, long length, Receiver receiver)
        throws IOException {
      assertThat(wanted).isEqualTo(layer);
      if (failing) {
        failures = 1;
        throw new IOException("the source is away");
      }
      asked.add(length);
      receiver.accept(
          ByteBuffer.wrap(Arrays.copyOfRange(blob, (int) offset, (int) (offset + length))));
    }
  }
}
