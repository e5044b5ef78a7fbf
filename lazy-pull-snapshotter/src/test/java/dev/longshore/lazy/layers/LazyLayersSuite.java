package dev.longshore.lazy.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.lazy.device.DeviceKind;
import dev.longshore.lazy.keeper.KeeperLink;
import dev.longshore.lazy.keeper.KeeperProcess;
import dev.longshore.lazy.kernel.MountTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What layers do whose devices are filled while they are read. */
abstract class LazyLayersSuite extends NodeLayersSuite {
  private static final Logger LOG = LoggerFactory.getLogger(LazyLayersSuite.class);
  private static final int ROUNDS = Integer.getInteger("longshore.crash.rounds", 8);

  @Test
  void mount_withAnIndex_readsWhatIsReadAndNoMore() throws Exception {
    FakeSource source = indexed();
    try (NodeLayers layers = open(source, false)) {
      Path mounted = mount(layers);

      assertThat(names(mounted.resolve("dir"))).hasSize(TestLayer.FILES);
      assertThat(source.lengths).as("for listing").isEmpty();
      assertThat(Files.readAllBytes(file(mounted, 7))).isEqualTo(layer.original(7));
      assertThat(source.bytes()).isLessThan(layer.blob().length / 4);
      assertThat(metrics.get(LayerMetrics.READ_WAIT).timer().count()).isPositive();
      assertThat(metrics.get(LayerMetrics.MOUNTS).tag("state", "lazy").gauge().value()).isOne();
      layers.release(digest);
    }
  }

  @Test
  void mount_readByManyAtOnce_fetchesEachSpanOnce() throws Exception {
    FakeSource source = indexed();
    try (ExecutorService readers = Executors.newCachedThreadPool();
        NodeLayers layers = open(source, false)) {
      Path mounted = mount(layers);
      List<Future<byte[]>> reads = new ArrayList<>();
      for (int i = 0; i < 4 * TestLayer.FILES; i++) {
        Path file = file(mounted, i % TestLayer.FILES);
        reads.add(readers.submit(() -> Files.readAllBytes(file)));
      }

      for (int i = 0; i < reads.size(); i++) {
        assertThat(reads.get(i).get(30, TimeUnit.SECONDS))
            .isEqualTo(layer.original(i % TestLayer.FILES));
      }
      assertThat(new HashSet<>(source.offsets)).hasSameSizeAs(source.offsets);
      layers.release(digest);
    }
  }

  @Test
  void mount_readAll_isCompleteAndNeedsNoSnapshotterAnyMore() throws Exception {
    Path mounted;
    try (NodeLayers layers = open(indexed(), false)) {
      mounted = mount(layers);
      assertAllOf(mounted);
    }
    try (KeeperLink link = KeeperProcess.connect(root)) {
      assertThat(link.held()).hasSize(kind() == DeviceKind.FUSE ? 1 : 0);
    }
    assertAllOf(mounted);
    dropCaches();
    assertAllOf(mounted);
  }

  @Test
  void mount_filledInBackground_isCompleteWithoutReaders() throws Exception {
    FakeSource source = indexed();
    try (NodeLayers layers = open(source, true)) {
      Path mounted = mount(layers);
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> source.bytes() >= layer.blob().length - 1);
      source.failing = true;

      assertAllOf(mounted);
      layers.release(digest);
    }
  }

  @Test
  void restore_afterARestart_goesOnWhereItWas() throws Exception {
    Path mounted;
    try (NodeLayers layers = open(indexed(), false)) {
      mounted = mount(layers);
      assertThat(Files.readAllBytes(file(mounted, 0))).isEqualTo(layer.original(0));
    }
    CompletableFuture<byte[]> waiting =
        CompletableFuture.supplyAsync(() -> read(file(mounted, 19)));

    try (NodeLayers layers = open(indexed(), false)) {
      layers.keepOnly(Set.of(digest));
      assertThat(layers.restore(digest).directory()).isEqualTo(mounted);

      assertThat(waiting.get(20, TimeUnit.SECONDS)).isEqualTo(layer.original(19));
      assertAllOf(mounted);
      layers.release(digest);
    }
  }

  @Test
  void restore_completeAndStillMounted_isReadAsBefore() throws Exception {
    Path mounted;
    try (NodeLayers layers = open(indexed(), false)) {
      mounted = mount(layers);
      assertAllOf(mounted);
    }

    try (NodeLayers layers = open(indexed(), false)) {
      layers.restore(digest);
      dropCaches();

      assertAllOf(mounted);
      layers.release(digest);
      assertThat(MountTable.mountPoints()).doesNotContain(mounted);
    }
  }

  @Test
  void restore_keeperDiedToo_mountsAnew() throws Exception {
    Path mounted;
    try (NodeLayers layers = open(indexed(), false)) {
      mounted = mount(layers);
      assertThat(Files.readAllBytes(file(mounted, 0))).isEqualTo(layer.original(0));
    }
    killKeeper();

    try (NodeLayers layers = open(indexed(), false)) {
      layers.restore(digest);
      assertAllOf(mounted);
    }
    killKeeper();

    try (NodeLayers layers = open(indexed(), false)) {
      layers.restore(digest);
      dropCaches();
      assertAllOf(mounted);
      layers.release(digest);
    }
  }

  @Test
  void restore_devicesArePlainNow_fetchesTheRestFirst() throws Exception {
    Path mounted;
    try (NodeLayers layers = open(indexed(), false)) {
      mounted = mount(layers);
      assertThat(Files.readAllBytes(file(mounted, 0))).isEqualTo(layer.original(0));
    }
    killKeeper();

    FakeSource source = indexed();
    try (NodeLayers layers = open(DeviceKind.PLAIN, source, false, Duration.ofMillis(200))) {
      layers.restore(digest);
      source.failing = true;

      assertAllOf(mounted);
      layers.release(digest);
    }
  }

  @Test
  void read_sourceGone_isAnErrorAndWorksOnceItIsBack() throws Exception {
    FakeSource source = indexed();
    source.failing = true;
    try (NodeLayers layers = open(source, false)) {
      Path file = file(mount(layers), 5);

      assertThatThrownBy(() -> Files.readAllBytes(file))
          .isInstanceOf(IOException.class)
          .hasMessage("Input/output error");
      source.failing = false;
      assertThat(Files.readAllBytes(file)).isEqualTo(layer.original(5));
      layers.release(digest);
    }
  }

  @Test
  void release_whileSomebodyWaits_isAnErrorForHim() throws Exception {
    FakeSource source = indexed();
    source.failing = true;
    try (NodeLayers layers = open(kind(), source, false, Duration.ofSeconds(60))) {
      Path file = file(mount(layers), 5);
      CompletableFuture<byte[]> waiting = CompletableFuture.supplyAsync(() -> read(file));
      Awaitility.await().until(() -> source.failures > 0);

      layers.release(digest);

      assertThatThrownBy(() -> waiting.get(20, TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(IOException.class);
    }
  }

  @Test
  void kill_atAnyTimeWhileSomebodyReads_costsAPauseAndNoByte() throws Exception {
    long seed = Long.getLong("longshore.crash.seed", System.nanoTime());
    Random random = new Random(seed);
    int passes = 0;
    try (ExecutorService readers = Executors.newSingleThreadExecutor()) {
      Optional<Future<@Nullable Void>> pass = Optional.empty();
      for (int round = 0; round < ROUNDS; round++) {
        boolean idle = pass.isEmpty();
        try (ChildJvm child = startToKill(idle, random.nextLong())) {
          if (idle || round % 4 != 3) { // every fourth one may die while it starts
            assertThat(child.line()).as("seed %d, round %d", seed, round).isEqualTo("ready");
          }
          if (idle) {
            List<Integer> order = shuffled(random);
            pass = Optional.of(readers.submit(() -> readAll(order)));
          }
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(400)));
          child.kill();
        }
        if (pass.filter(Future::isDone).isPresent()) {
          pass.get().get();
          pass = Optional.empty();
          passes++;
        }
      }
      try (NodeLayers layers = open(indexed(), false)) {
        Path mounted = layers.restore(digest).directory();
        if (pass.isPresent()) {
          pass.get().get(30, TimeUnit.SECONDS);
        }
        assertAllOf(mounted);
        layers.release(digest);
      }
    } catch (ExecutionException e) {
      throw new AssertionError("seed " + seed, e);
    }
    LOG.info(
        "{}: killed {} times (seed {}) under readers that finished {} times",
        kind(),
        ROUNDS,
        seed,
        passes);
  }

  private ChildJvm startToKill(boolean anew, long seed) throws IOException {
    return ChildJvm.start(
        folder.resolve("killed.log"),
        KilledSnapshotter.class,
        root.toString(),
        folder.toString(),
        kind().name(),
        Boolean.toString(anew),
        Long.toString(seed));
  }

  private static List<Integer> shuffled(Random random) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, TestLayer.FILES).boxed().toList());
    Collections.shuffle(order, random);
    return order;
  }

  /** Reads every file, in this order; fails at the first wrong byte or error. */
  private @Nullable Void readAll(List<Integer> order) throws IOException {
    Path mounted = root.resolve("snapshots/L" + digest.hex().substring(0, 12) + "/fs");
    for (int number : order) {
      assertThat(Files.readAllBytes(file(mounted, number)))
          .as("file %d", number)
          .isEqualTo(layer.original(number));
    }
    return null;
  }

  private void killKeeper() {
    List<ProcessHandle> keepers =
        ProcessHandle.current().children().filter(this::isKeeper).toList();
    assertThat(keepers).hasSize(1);
    keepers.getFirst().destroyForcibly();
    keepers.getFirst().onExit().join();
  }

  private boolean isKeeper(ProcessHandle process) {
    try {
      // ProcessHandle.Info leaves out what is beyond a page.
      return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"))
          .contains(root.resolve("keeper.sock").toString());
    } catch (IOException e) {
      return false; // it has just ended
    }
  }

  /** Has the kernel forget what it can read again. */
  static void dropCaches() throws IOException {
    Files.writeString(Path.of("/proc/sys/vm/drop_caches"), "1");
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
}
