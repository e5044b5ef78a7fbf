package dev.longshore.lazy.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.layer.index.LayerIndex;
import dev.longshore.lazy.device.DeviceKind;
import dev.longshore.lazy.keeper.KeeperLink;
import dev.longshore.lazy.keeper.KeeperProcess;
import dev.longshore.lazy.kernel.MountTable;
import dev.longshore.lazy.kernel.Mounts;
import dev.longshore.lazy.snapshot.LayerMount;
import dev.longshore.lazy.snapshot.MountAnswer;
import dev.longshore.oci.Digest;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What layers do, whatever their devices are; with a real keeper and real EROFS mounts. */
abstract class NodeLayersSuite {
  long lazyAbove;
  final MeterRegistry metrics = new SimpleMeterRegistry();
  @TempDir Path folder;
  Path root;
  TestLayer layer;
  Digest digest;

  /** The kind of the devices. */
  abstract DeviceKind kind();

  @BeforeEach
  void makeLayer() throws Exception {
    root = Files.createDirectories(folder.resolve("root"));
    layer = TestLayer.make(folder);
    digest = layer.digest();
  }

  /** Leaves no mount and no process: what is mounted of EROFS goes first, then the keeper. */
  @AfterEach
  void cleanUp() throws IOException {
    for (Path point : MountTable.mountPoints()) {
      if (point.startsWith(root.resolve("snapshots"))) {
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
    Awaitility.await().until(this::isAllGone);
  }

  private boolean isAllGone() throws IOException {
    return !Files.exists(root.resolve("keeper.sock"))
        && MountTable.mountPoints().stream().noneMatch(point -> point.startsWith(root));
  }

  @Test
  void mount_withoutIndex_isFetchedWhole() throws Exception {
    FakeSource source = unindexed();
    try (NodeLayers layers = open(source, false)) {
      Path mounted = mount(layers);
      source.failing = true;

      assertAllOf(mounted);
      layers.release(digest);
      assertThat(MountTable.mountPoints()).doesNotContain(mounted);
      assertThat(root.resolve("layers")).isEmptyDirectory();
    }
  }

  @Test
  void mount_smallerThanWhatIsLazy_isFetchedWhole() throws Exception {
    lazyAbove = layer.blob().length + 1L;
    FakeSource source = indexed();
    try (NodeLayers layers = open(source, false)) {
      Path mounted = mount(layers);
      source.failing = true;

      assertAllOf(mounted);
      layers.release(digest);
    }
  }

  @Test
  void mount_indexOfAnotherLayer_isFetchedWhole() throws Exception {
    LayerIndex index = layer.index();
    LayerIndex other =
        new LayerIndex(
            index.diffId(),
            index.blobSize(),
            index.compression(),
            index.diffId(),
            index.streamSize(),
            index.entries(),
            index.spans());
    FakeSource source = new FakeSource(layer.blob(), Optional.of(other));
    try (NodeLayers layers = open(source, false)) {
      Path mounted = mount(layers);
      source.failing = true;

      assertAllOf(mounted);
      layers.release(digest);
    }
  }

  @Test
  void mount_layerThatIsNoArchive_isDeclined() throws Exception {
    byte[] blob =
        "no archive at all, as far as anybody can see".repeat(100).getBytes(StandardCharsets.UTF_8);
    try (NodeLayers layers = open(new FakeSource(blob, Optional.empty()), false)) {
      assertThat(layers.mount(TestLayer.wanted(Digest.sha256(blob))))
          .isInstanceOf(MountAnswer.Declined.class);
      assertThat(root.resolve("layers")).isEmptyDirectory();
    }
  }

  @Test
  void restore_unmountedMeanwhile_mountsFromDiskWithoutSource() throws Exception {
    FakeSource source = indexed();
    Path mounted;
    try (NodeLayers layers = open(source, false)) {
      mounted = mount(layers);
      assertAllOf(mounted);
    }
    Mounts.unmount(mounted);
    source.failing = true;

    try (NodeLayers layers = open(source, false)) {
      layers.restore(digest);
      assertAllOf(mounted);
      assertThat(Files.readString(mountedWith())).isEqualTo("PLAIN");
      layers.release(digest);
    }
  }

  @Test
  void keepOnly_nobodyUsesIt_isUnmountedAndDeleted() throws Exception {
    Path mounted;
    try (NodeLayers layers = open(indexed(), false)) {
      mounted = mount(layers);
    }

    try (NodeLayers layers = open(indexed(), false)) {
      layers.keepOnly(Set.of());

      assertThat(MountTable.mountPoints()).doesNotContain(mounted);
      assertThat(root.resolve("layers")).isEmptyDirectory();
      assertThatThrownBy(() -> layers.restore(digest)).hasMessageContaining("not on the disk");
    }
  }

  FakeSource indexed() {
    return new FakeSource(layer.blob(), Optional.of(layer.index()));
  }

  FakeSource unindexed() {
    return new FakeSource(layer.blob(), Optional.empty());
  }

  NodeLayers open(LayerSource source, boolean inBackground) throws IOException {
    return open(kind(), source, inBackground, Duration.ofMillis(200));
  }

  NodeLayers open(DeviceKind kind, LayerSource source, boolean inBackground, Duration patience)
      throws IOException {
    return new NodeLayers(
        root,
        root.resolve("snapshots"),
        KeeperProcess.connect(root),
        new LayerPolicy(kind, lazyAbove, inBackground, patience),
        image -> {
          assertThat(image).isEqualTo(TestLayer.IMAGE);
          return source;
        },
        new LayerMetrics(metrics));
  }

  Path mount(NodeLayers layers) throws IOException {
    MountAnswer answer = layers.mount(layer.wanted());
    assertThat(answer).isInstanceOf(LayerMount.class);
    assertThat(((LayerMount) answer).diffId()).isEqualTo(layer.index().diffId());
    return ((LayerMount) answer).directory();
  }

  /** Where it is noted what the layer was mounted with. */
  Path mountedWith() {
    return root.resolve("layers/" + digest.toString().replace(':', '-') + "/mounted-with");
  }

  void assertAllOf(Path mounted) throws IOException {
    for (int i = 0; i < TestLayer.FILES; i++) {
      assertThat(Files.readAllBytes(file(mounted, i))).isEqualTo(layer.original(i));
    }
  }

  static Path file(Path mounted, int number) {
    return mounted.resolve("dir").resolve(TestLayer.name(number));
  }
}
