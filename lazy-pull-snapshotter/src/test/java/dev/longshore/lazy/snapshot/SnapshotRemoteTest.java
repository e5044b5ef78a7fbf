package dev.longshore.lazy.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longshore.lazy.snapshot.SnapshotException.Reason;
import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The remote contract: containerd core/unpack and core/metadata, createSnapshot. */
class SnapshotRemoteTest {
  @TempDir Path root;
  private final TestChain image = new TestChain("registry.example/app:v1");
  private FakeLayers layers;
  private Snapshots snapshots;

  @BeforeEach
  void open() throws IOException {
    layers = new FakeLayers(root);
    snapshots = Snapshots.open(root, layers);
    for (int n = 0; n < 3; n++) {
      layers.offer(image.layer(n), image.diffId(n));
    }
  }

  @AfterEach
  void close() {
    snapshots.close();
  }

  private void reopen() throws IOException {
    snapshots.close();
    snapshots = Snapshots.open(root, layers);
  }

  private static void assertFails(Reason reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SnapshotException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  private void pull(int n, String parent) {
    assertThatThrownBy(() -> snapshots.prepare("ns/1/extract " + n, parent, image.criLabels(n)))
        .isInstanceOf(SnapshotException.class)
        .hasMessage("target snapshot \"%s\": already exists", image.ref(n));
  }

  private void pullAll() {
    for (int n = 0; n < 3; n++) {
      pull(n, image.ref(n - 1));
    }
  }

  /** As containerd looks for what was made. */
  private List<SnapshotInfo> found(int n, String parent) throws SnapshotException {
    return snapshots.list(
        List.of(
            "labels.\"containerd.io/snapshot.ref\"==%s,parent==\"%s\""
                .formatted(image.ref(n), parent)));
  }

  @Test
  void prepare_layerThatIsOffered_isCommittedUnderItsChainId() throws Exception {
    pull(0, "");
    pull(1, image.ref(0));

    assertThat(found(1, image.ref(0)))
        .singleElement()
        .satisfies(info -> {
          assertThat(info.name()).isEqualTo(image.ref(1));
          assertThat(info.kind()).isEqualTo(Kind.COMMITTED);
          assertThat(info.labels())
              .containsAllEntriesOf(image.criLabels(1))
              .containsEntry("containerd.io/snapshot/remote", "remote snapshot");
        });
    assertThat(snapshots.stat(image.ref(0)).parent()).isEmpty();
    assertFails(Reason.NOT_FOUND, () -> snapshots.stat("ns/1/extract 0"));
    assertThat(snapshots.usage(image.ref(0))).isEqualTo(Usage.NONE);
    RemoteLayer asked = layers.asked.getLast();
    assertThat(asked.image()).isEqualTo("registry.example/app:v1");
    assertThat(asked.layer()).isEqualTo(image.layer(1));
    assertThat(asked.manifest()).contains(image.manifest());
    assertThat(asked.imageLayers()).containsExactly(image.layer(1), image.layer(2));
    assertThat(asked.chainId()).isEqualTo(image.chainId(1));
    assertThat(asked.parentChainId()).contains(image.chainId(0));
  }

  @Test
  void prepare_container_liesOnTheMountedLayers() throws Exception {
    pullAll();

    List<Mount> mounts = snapshots.prepare("run", image.ref(2), Map.of());

    assertThat(mounts.getFirst().options())
        .contains(
            "lowerdir=%s:%s:%s"
                .formatted(
                    layers.directory(image.layer(2)),
                    layers.directory(image.layer(1)),
                    layers.directory(image.layer(0))));
    assertThat(snapshots.view("look", image.ref(0), Map.of()))
        .containsExactly(
            new Mount("bind", layers.directory(image.layer(0)).toString(), List.of("ro", "rbind")));
  }

  @Test
  void prepare_labelsOfCtrRemote_areUnderstood() {
    Map<String, String> labels = new HashMap<>();
    labels.put("containerd.io/snapshot.ref", image.ref(0));
    labels.put("containerd.io/snapshot/remote/stargz.reference", "registry.example/app:v1");
    labels.put("containerd.io/snapshot/remote/stargz.digest", image.layer(0).toString());
    labels.put("containerd.io/snapshot/remote/stargz.layers", image.layer(0).toString());

    assertFails(Reason.ALREADY_EXISTS, () -> snapshots.prepare("x", "", labels));

    assertThat(layers.asked)
        .singleElement()
        .satisfies(asked -> {
          assertThat(asked.imageLayers()).containsExactly(image.layer(0));
          assertThat(asked.manifest()).isEmpty();
        });
  }

  @Test
  void prepare_plainPull_asksNobody() throws Exception {
    assertThat(snapshots.prepare("x", "", Map.of("containerd.io/snapshot.ref", image.ref(0))))
        .hasSize(1);
    assertThat(layers.asked).isEmpty();
  }

  @Test
  void prepare_layerThatIsDeclined_isUnpackedByContainerdAndTheNextMayBeRemote() throws Exception {
    pull(0, "");
    TestChain other = new TestChain("registry.example/other:v1");
    Map<String, String> labels = other.criLabels(0);
    labels.put("containerd.io/snapshot.ref", image.ref(1)); // a layer of digest nobody offers

    assertThat(snapshots.prepare("ns/2/extract", image.ref(0), labels)).hasSize(1);
    snapshots.commit("ns/3/" + image.ref(1), "ns/2/extract", labels, "");
    pull(2, "ns/3/" + image.ref(1));

    assertThat(layers.asked.getLast().parentChainId()).contains(image.chainId(1));
    assertThat(snapshots.prepare("run", image.ref(2), Map.of()).getFirst().options())
        .contains(
            "lowerdir=%s:%s:%s"
                .formatted(
                    layers.directory(image.layer(2)),
                    root.resolve("snapshots/2/fs"),
                    layers.directory(image.layer(0))));
  }

  @Test
  void prepare_sameChainOnAnotherParent_isAnotherSnapshotOfTheSameMount() throws Exception {
    pull(0, "");
    pull(1, image.ref(0));
    Map<String, String> labels = Map.of("containerd.io/snapshot.ref", image.ref(0));
    snapshots.prepare("other/1/extract", "", Map.of());
    snapshots.commit("other/2/" + image.ref(0), "other/1/extract", labels, "");

    pull(1, "other/2/" + image.ref(0));

    assertThat(found(1, image.ref(0))).hasSize(1);
    assertThat(found(1, "other/2/" + image.ref(0)))
        .singleElement()
        .satisfies(info -> assertThat(info.name()).startsWith(image.ref(1) + "#"));
    assertThat(layers.mounted()).containsExactlyInAnyOrder(image.layer(0), image.layer(1));
    snapshots.remove(image.ref(1));
    snapshots.cleanup();
    assertThat(layers.released).isEmpty();
  }

  @Test
  void prepare_secondNamespace_sharesWhatIsThere() {
    pullAll();
    int asked = layers.asked.size();

    pullAll();

    assertThat(layers.asked).hasSize(asked);
  }

  @Test
  void prepare_contentThatIsNotTheImages_isRefusedAndReleased() throws Exception {
    layers.offer(image.layer(0), image.diffId(1)); // somebody's own files under a known chain ID

    assertThat(snapshots.prepare("x", "", image.criLabels(0))).hasSize(1);

    assertThat(layers.released).containsExactly(image.layer(0));
    assertThat(found(0, "")).noneMatch(info -> info.kind() == Kind.COMMITTED);
  }

  @Test
  void prepare_mountFailsUnexpectedly_isUnpackedByContainerd() throws Exception {
    layers.whileMounting =
        () -> {
          throw new IllegalStateException("broken");
        };

    assertThat(snapshots.prepare("x", "", image.criLabels(0))).hasSize(1);
  }

  @Test
  void prepare_manyAtOnce_oneMountOneSnapshot() throws Exception {
    var together = new CountDownLatch(1);
    layers.whileMounting =
        () -> {
          try {
            together.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        };
    List<Future<?>> calls = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 20; i++) {
        int call = i;
        calls.add(threads.submit(() -> snapshots.prepare("key " + call, "", image.criLabels(0))));
      }
      await().until(() -> layers.asked.size() == 1);
      snapshots.prepare("others go on", "", Map.of());
      together.countDown();
    }

    assertThat(calls)
        .allSatisfy(call ->
            assertThatThrownBy(call::get)
                .cause()
                .isInstanceOfSatisfying(
                    SnapshotException.class,
                    e -> assertThat(e.reason()).isEqualTo(Reason.ALREADY_EXISTS)));
    assertThat(found(0, "")).hasSize(1);
    assertThat(layers.mounted()).containsExactly(image.layer(0));
  }

  @Test
  void prepare_parentGoesWhileMounting_isNotFoundAndReleased() {
    pull(0, "");
    layers.whileMounting =
        () -> {
          try {
            snapshots.remove(image.ref(0));
          } catch (SnapshotException | IOException e) {
            throw new IllegalStateException(e);
          }
        };

    assertFails(Reason.NOT_FOUND, () -> snapshots.prepare("x", image.ref(0), image.criLabels(1)));

    assertThat(layers.released).contains(image.layer(1));
  }

  @Test
  void remove_lastOfALayer_releasesIt() throws Exception {
    pullAll();

    snapshots.remove(image.ref(2));
    await().until(() -> layers.released.contains(image.layer(2)));

    assertThat(layers.mounted()).containsExactlyInAnyOrder(image.layer(0), image.layer(1));
    pull(2, image.ref(1));
    assertThat(layers.mounted()).contains(image.layer(2));
  }

  @Test
  void open_again_layersAreRestoredBeforeAnybodyAsks() throws Exception {
    pullAll();
    List<Mount> mounts = snapshots.prepare("run", image.ref(2), Map.of());

    reopen();

    assertThat(layers.restored)
        .containsExactlyInAnyOrder(image.layer(0), image.layer(1), image.layer(2));
    assertThat(snapshots.mounts("run")).isEqualTo(mounts);
    assertThat(snapshots.unavailableLayers()).isEmpty();
  }

  @Test
  void open_mountedButNeverCommitted_isNotKept() throws Exception {
    pull(0, "");
    RemoteLayer half =
        RemoteLayer.of(image.criLabels(1), Optional.of(image.chainId(0))).orElseThrow();
    layers.mount(half); // and the process died

    reopen();

    assertThat(layers.mounted()).containsExactly(image.layer(0));
  }

  @Test
  void open_layerThatCannotBeRestored_isUnavailableUntilItIs() throws Exception {
    pull(0, "");
    snapshots.prepare("run", image.ref(0), Map.of());
    snapshots.close();
    layers.restoreFailure = new IOException("the device file is gone");

    snapshots = Snapshots.open(root, layers);

    assertThatThrownBy(() -> snapshots.mounts("run"))
        .isInstanceOfSatisfying(
            SnapshotException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE))
        .hasMessageContaining("the device file is gone");
    assertFails(Reason.UNAVAILABLE, () -> snapshots.prepare("other", image.ref(0), Map.of()));
    assertFails(Reason.NOT_FOUND, () -> snapshots.stat("other"));
    assertThat(snapshots.stat("run").kind()).isEqualTo(Kind.ACTIVE);
    assertThat(snapshots.unavailableLayers())
        .isEqualTo(Map.of(image.layer(0), "the device file is gone"));

    layers.restoreFailure = null;

    await().until(() -> snapshots.unavailableLayers().isEmpty());
    assertThat(snapshots.mounts("run")).hasSize(1);
  }

  @Test
  void prepare_layerThatCouldNotBeRestored_isMountedAnew() throws Exception {
    pull(0, "");
    snapshots.prepare("run", image.ref(0), Map.of());
    snapshots.close();
    layers.restoreFailure = new IOException("the device file is gone");
    snapshots = Snapshots.open(root, layers);

    pull(0, ""); // in another namespace

    assertThat(snapshots.unavailableLayers()).isEmpty();
    assertThat(snapshots.mounts("run")).hasSize(1);
    assertThat(found(0, "")).hasSize(1);
  }

  @Test
  void remove_layerThatCannotBeRestored_isForgotten() throws Exception {
    pull(0, "");
    snapshots.close();
    layers.restoreFailure = new IOException("the device file is gone");
    snapshots = Snapshots.open(root, layers);

    snapshots.remove(image.ref(0));

    await().until(() -> snapshots.unavailableLayers().isEmpty());
    assertThat(layers.released).contains(image.layer(0));
  }

  @Test
  void isOf_contentAndChains_asTheImageSpecSays() {
    RemoteLayer lowest = RemoteLayer.of(image.criLabels(0), Optional.empty()).orElseThrow();
    RemoteLayer second =
        RemoteLayer.of(image.criLabels(1), Optional.of(image.chainId(0))).orElseThrow();

    assertThat(lowest.isOf(image.diffId(0))).isTrue();
    assertThat(lowest.isOf(image.diffId(1))).isFalse();
    assertThat(second.isOf(image.diffId(1))).isTrue();
    assertThat(second.isOf(image.chainId(1))).isFalse();
    assertThat(second.isOf(Digest.sha256(new byte[0]))).isFalse();
  }
}
