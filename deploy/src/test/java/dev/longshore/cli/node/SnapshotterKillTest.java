package dev.longshore.cli.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.cli.cluster.TestCluster;
import dev.longshore.cli.process.ChildDaemon;
import dev.longshore.cli.process.FileTree;
import dev.longshore.cli.process.Leftovers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The snapshotter's own process, killed in the middle of pulls: containerd tries again and wins.
 */
@Tag("node")
class SnapshotterKillTest {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String NAME = TestCluster.REGISTRY + "/demo/shell:v1";
  private static final int KILLS = 6;

  private Leftovers leftovers;
  private Path folder; // short: sockets and mount options have to fit
  private PrivateContainerd containerd;
  private ChildDaemon snapshotter;
  private TestCluster cluster;

  @BeforeEach
  void start() throws Exception {
    assertThat(NodeAbility.missing()).isEmpty();
    folder = Files.createTempDirectory("lsk");
    leftovers = Leftovers.closedAtExit();
    leftovers.add(() -> FileTree.delete(folder));
    cluster = leftovers.add(TestCluster.start(folder.resolve("cluster")));
    startSnapshotter();
    containerd =
        leftovers.add(PrivateContainerd.start(folder.resolve("node"), folder.resolve("s.sock")));
    containerd.useMirror(TestCluster.REGISTRY, cluster.originUrl());
  }

  @AfterEach
  void stop() {
    leftovers.close();
  }

  private void startSnapshotter() throws Exception {
    snapshotter =
        leftovers.add(
            ChildDaemon.start(
                "snapshotter",
                "snapshotter",
                folder.resolve("daemon"),
                List.of(
                    "--socket=" + folder.resolve("s.sock"),
                    "--root=" + folder.resolve("snap"),
                    "--admin=127.0.0.1:0")));
    var _ = snapshotter.addresses();
  }

  private void killAndRestart() throws Exception {
    snapshotter.kill();
    Files.deleteIfExists(folder.resolve("daemon/snapshotter.ports"));
    startSnapshotter();
  }

  @Test
  void kill_atAnyPointOfAPull_theNextPullCompletesAndRuns() throws Exception {
    long seed = new Random().nextLong();
    System.out.println("SnapshotterKillTest seed " + seed);
    Random random = new Random(seed);
    LayeredImage image = LayeredImage.withShell(folder.resolve("image"));
    for (int n = 1; n < 40; n++) {
      image.add(Map.of("last", "layer " + n, "file" + n, "x"));
    }
    image.push(cluster.originUrl(), "demo/shell", "v1", "cat /last /file1 /file39");
    for (int kill = 0; kill < KILLS; kill++) {
      Thread puller = Thread.ofVirtual().start(this::pullHalf);
      Thread.sleep(random.nextInt(50, 1200)); // wherever it is then
      killAndRestart();
      puller.join();
    }
    containerd.awaitSnapshotter(LIMIT);

    containerd.pull(NAME, LIMIT);

    assertThat(containerd.run(NAME, "first", LIMIT)).isEqualTo("layer 39xx");
    killAndRestart();
    containerd.awaitSnapshotter(LIMIT);
    assertThat(containerd.run(NAME, "second", LIMIT)).isEqualTo("layer 39xx");
    containerd.ctr(LIMIT, "images", "rm", "--sync", NAME);
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> {
          assertThat(folder.resolve("snap/metadata")).isEmptyDirectory();
          assertThat(folder.resolve("snap/snapshots")).isEmptyDirectory();
        });
  }

  private void pullHalf() {
    try {
      containerd.pull(NAME, LIMIT);
    } catch (IOException e) {
      assertThat(e).as("the snapshotter was killed").hasMessageContaining("ctr");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
