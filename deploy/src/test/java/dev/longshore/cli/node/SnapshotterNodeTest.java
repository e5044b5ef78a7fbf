package dev.longshore.cli.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.cli.cluster.TestCluster;
import dev.longshore.cli.process.FileTree;
import dev.longshore.cli.process.Leftovers;
import dev.longshore.lazy.grpc.SnapshotEndpoint;
import dev.longshore.lazy.snapshot.RemoteLayer;
import dev.longshore.lazy.snapshot.SnapshotInfo;
import dev.longshore.lazy.snapshot.Snapshots;
import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Snapshots under a real containerd, whose layers come from a real registry or are mounted. */
@Tag("node")
class SnapshotterNodeTest {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String NAME = TestCluster.REGISTRY + "/demo/shell:v1";

  private Leftovers leftovers;
  private Path folder; // short: sockets and mount options have to fit
  private Path root;
  private TestCluster cluster;
  private TreeLayers layers;
  private Snapshots snapshots;
  private SnapshotEndpoint endpoint;
  private PrivateContainerd containerd;

  @BeforeEach
  void start() throws Exception {
    assertThat(NodeAbility.missing()).isEmpty();
    folder = Files.createTempDirectory("lsn");
    leftovers = Leftovers.closedAtExit();
    leftovers.add(() -> FileTree.delete(folder));
    root = folder.resolve("snap");
    cluster = leftovers.add(TestCluster.start(folder.resolve("cluster")));
    layers = leftovers.add(new TreeLayers(root));
    leftovers.add(this::stopSnapshotter);
    startSnapshotter();
    containerd =
        leftovers.add(PrivateContainerd.start(folder.resolve("node"), folder.resolve("s.sock")));
    containerd.useMirror(TestCluster.REGISTRY, cluster.originUrl());
  }

  @AfterEach
  void stop() throws IOException {
    leftovers.close();
    assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(folder.toString());
  }

  private void startSnapshotter() throws IOException {
    snapshots = Snapshots.open(root, layers);
    endpoint = SnapshotEndpoint.listen(folder.resolve("s.sock"), snapshots);
  }

  private void stopSnapshotter() throws IOException {
    endpoint.close();
    snapshots.close();
  }

  private LayeredImage threeLayers(String greeting) throws Exception {
    return LayeredImage.withShell(folder.resolve("image"))
        .add(Map.of("hello", greeting, "below", "below"))
        .add(Map.of("below", "above"));
  }

  private void push(LayeredImage image) throws IOException {
    image.push(
        cluster.originUrl(), "demo/shell", "v1", "cat /hello /below; echo; echo x >/new; cat /new");
  }

  private Set<Digest> fetchedLayers(LayeredImage image) throws Exception {
    String content = containerd.ctr(LIMIT, "content", "ls", "-q").output();
    return image.layers().stream()
        .map(layer -> layer.blob().digest())
        .filter(digest -> content.contains(digest.toString()))
        .collect(Collectors.toSet());
  }

  /** containerd collects what containers leave a little later. */
  private void awaitOnly(String kind, long count) {
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(snapshots.counts()).isEqualTo(Map.of(kind, count)));
  }

  private List<SnapshotInfo> remote() throws Exception {
    return snapshots.list(List.of("labels.\"containerd.io/snapshot/remote\""));
  }

  @Test
  void pull_plainImage_isUnpackedByContainerdAndRuns() throws Exception {
    LayeredImage image = threeLayers("hello ");
    push(image);

    containerd.pull(NAME, LIMIT);

    assertThat(containerd.run(NAME, "first", LIMIT)).isEqualTo("hello above\nx\n");
    assertThat(fetchedLayers(image)).hasSize(3);
    assertThat(layers.asked).isEmpty();
    awaitOnly("committed", 3);
  }

  @Test
  void removeImage_everythingGoes() throws Exception {
    push(threeLayers("hello "));
    containerd.pull(NAME, LIMIT);

    containerd.ctr(LIMIT, "images", "rm", "--sync", NAME);

    await().atMost(LIMIT).until(() -> snapshots.list(List.of()).isEmpty());
    await().atMost(LIMIT).until(() -> isEmpty(root.resolve("snapshots")));
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.findAny().isEmpty();
    }
  }

  @Test
  void pull_inTwoNamespaces_eachHasItsOwn() throws Exception {
    push(threeLayers("hello "));
    containerd.pull(NAME, LIMIT);

    String certificates = folder.resolve("node/certs.d").toString();
    containerd.ctr(
        LIMIT,
        "-n",
        "other",
        "images",
        "pull",
        "--hosts-dir",
        certificates,
        "--snapshotter",
        "longshore",
        NAME);

    assertThat(
            containerd
                .ctr(LIMIT, "-n", "other", "run", "--rm", "--snapshotter", "longshore", NAME, "x")
                .output())
        .isEqualTo("hello above\nx\n");
    assertThat(containerd.run(NAME, "x", LIMIT)).isEqualTo("hello above\nx\n");
    awaitOnly("committed", 6);
  }

  @Test
  void pull_manyLayers_fitOneOverlay() throws Exception {
    LayeredImage image = LayeredImage.withShell(folder.resolve("image"));
    for (int n = 1; n < 128; n++) {
      image.add(Map.of("last", "layer " + n, "file" + n, "x"));
    }
    image.push(cluster.originUrl(), "demo/shell", "v1", "cat /last /file1 /file127");
    int mountedAlready = 100;
    image.layers().subList(0, mountedAlready).forEach(layers::offer);

    containerd.pullLazily(NAME, LIMIT);

    assertThat(containerd.run(NAME, "many", LIMIT)).isEqualTo("layer 127xx");
    assertThat(remote()).hasSize(mountedAlready);
    assertThat(snapshots.counts()).containsEntry("committed", 28L);
  }

  @Test
  void pullLazily_everyLayerOffered_fetchesNoneAndRuns() throws Exception {
    LayeredImage image = threeLayers("hello ");
    push(image);
    image.layers().forEach(layers::offer);

    containerd.pullLazily(NAME, LIMIT);

    assertThat(fetchedLayers(image)).isEmpty();
    assertThat(remote()).hasSize(3);
    assertThat(containerd.run(NAME, "lazy", LIMIT)).isEqualTo("hello above\nx\n");
    assertThat(layers.asked)
        .allSatisfy(asked -> assertThat(asked.image()).isEqualTo(NAME))
        .extracting(asked -> asked.layer())
        .containsExactlyInAnyOrderElementsOf(
            image.layers().stream().map(layer -> layer.blob().digest()).toList());
  }

  @Test
  void pullByCri_everyLayerOffered_fetchesNoneAndTellsTheImage() throws Exception {
    LayeredImage image = threeLayers("hello ");
    push(image);
    image.layers().forEach(layers::offer);

    CriImages.pull(containerd.socket(), NAME, LIMIT);

    assertThat(remote()).hasSize(3);
    String content = containerd.ctr(LIMIT, "-n", "k8s.io", "content", "ls", "-q").output();
    List<Digest> digests = image.layers().stream().map(layer -> layer.blob().digest()).toList();
    assertThat(digests).noneMatch(digest -> content.contains(digest.toString()));
    RemoteLayer lowest = layers.asked.getFirst();
    assertThat(lowest.image()).isEqualTo(NAME);
    assertThat(lowest.imageLayers()).isEqualTo(digests);
    assertThat(lowest.manifest()).isPresent();
    assertThat(content).contains(lowest.manifest().orElseThrow().toString());
    assertThat(
            containerd
                .ctr(LIMIT, "-n", "k8s.io", "run", "--rm", "--snapshotter", "longshore", NAME, "x")
                .output())
        .isEqualTo("hello above\nx\n");
  }

  @Test
  void pullLazily_middleLayerDeclined_onlyThatIsFetched() throws Exception {
    LayeredImage image = threeLayers("hello ");
    push(image);
    layers.offer(image.layers().get(0));
    layers.offer(image.layers().get(2));

    containerd.pullLazily(NAME, LIMIT);

    // containerd 1.6 fetches all layers from the first that it has to unpack, mounted or not.
    assertThat(remote()).hasSize(2);
    assertThat(fetchedLayers(image))
        .contains(image.layers().get(1).blob().digest())
        .doesNotContain(image.layers().get(0).blob().digest());
    assertThat(containerd.run(NAME, "mixed", LIMIT)).isEqualTo("hello above\nx\n");
  }

  @Test
  void restart_whileAContainerRuns_goesOnAndNewOnesStart() throws Exception {
    LayeredImage image = threeLayers("hello ");
    image.push(cluster.originUrl(), "demo/shell", "v1", "while :; do read x </proc/uptime; done");
    image.layers().forEach(layers::offer);
    containerd.pullLazily(NAME, LIMIT);
    containerd.ctr(LIMIT, "run", "--detach", "--snapshotter", "longshore", NAME, "long");

    stopSnapshotter();
    startSnapshotter();
    containerd.awaitSnapshotter(LIMIT);

    assertThat(snapshots.unavailableLayers()).isEmpty();
    assertThat(
            containerd
                .ctr(LIMIT, "tasks", "exec", "--exec-id", "1", "long", "/bin/cat", "/hello")
                .output())
        .isEqualTo("hello ");
    assertThat(
            containerd
                .ctr(
                    LIMIT,
                    "run",
                    "--rm",
                    "--snapshotter",
                    "longshore",
                    NAME,
                    "second",
                    "/bin/cat",
                    "/hello")
                .output())
        .isEqualTo("hello ");
    containerd.ctr(LIMIT, "tasks", "delete", "--force", "long");
    containerd.ctr(LIMIT, "containers", "delete", "long");
    awaitOnly("remote", 3);
  }

  @Test
  void removeImage_lazy_releasesItsLayers() throws Exception {
    LayeredImage image = threeLayers("hello ");
    push(image);
    image.layers().forEach(layers::offer);
    containerd.pullLazily(NAME, LIMIT);
    assertThat(layers.mounted()).hasSize(3);

    containerd.ctr(LIMIT, "images", "rm", "--sync", NAME);

    await().atMost(LIMIT).until(() -> layers.mounted().isEmpty());
    assertThat(snapshots.list(List.of())).isEmpty();
  }
}
