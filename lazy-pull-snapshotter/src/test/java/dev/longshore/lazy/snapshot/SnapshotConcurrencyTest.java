package dev.longshore.lazy.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;

/** Many callers at once: they may be refused, and what is left fits together. */
class SnapshotConcurrencyTest {
  private static final int THREADS = 12;
  private static final int CALLS = 60;
  private static final int LAYERS = 4;

  @TempDir Path root;
  private final TestChain image = new TestChain("registry.example/app:v1");

  @RepeatedTest(8)
  void anyCalls_atOnce_leaveWhatFitsTogether() throws Exception {
    long seed = new Random().nextLong();
    System.out.println("SnapshotConcurrencyTest seed " + seed);
    var layers = new FakeLayers(root);
    for (int n = 0; n < LAYERS; n++) {
      layers.offer(image.layer(n), image.diffId(n));
    }
    try (Snapshots snapshots =
        Snapshots.open(root, layers, new UnsyncedDisk(), InstantSource.system())) {
      List<Future<?>> callers = new ArrayList<>();
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int thread = 0; thread < THREADS; thread++) {
          Random random = new Random(seed + thread);
          callers.add(
              threads.submit(() -> {
                for (int call = 0; call < CALLS; call++) {
                  callSomething(snapshots, random);
                }
                return random;
              }));
        }
      }
      for (Future<?> caller : callers) {
        caller.get(); // nothing but refusals
      }
      check(snapshots, layers);
    }
    try (Snapshots again = Snapshots.open(root, layers)) {
      check(again, layers);
    }
  }

  private void callSomething(Snapshots snapshots, Random random) throws IOException {
    String name = "n" + random.nextInt(6);
    int n = random.nextInt(LAYERS);
    String parent =
        switch (random.nextInt(3)) {
          case 0 -> "";
          case 1 -> "n" + random.nextInt(6);
          default -> image.ref(n);
        };
    try {
      switch (random.nextInt(8)) {
        case 0 -> snapshots.prepare(name, parent, Map.of());
        case 1 -> snapshots.view(name, parent, Map.of());
        case 2 -> snapshots.commit("n" + random.nextInt(6), name, Map.of(), "");
        case 3 -> snapshots.remove(name);
        case 4 -> snapshots.remove(image.ref(n));
        case 5 -> snapshots.mounts(name);
        default -> snapshots.prepare("key", image.ref(n - 1), image.criLabels(n));
      }
    } catch (SnapshotException e) {
      assertThat(e.reason()).isNotEqualTo(SnapshotException.Reason.UNAVAILABLE);
    }
  }

  private static void check(Snapshots snapshots, FakeLayers layers) throws Exception {
    List<SnapshotInfo> all = snapshots.list(List.of());
    for (SnapshotInfo info : all) {
      if (!info.parent().isEmpty()) {
        assertThat(snapshots.stat(info.parent()).kind()).isEqualTo(Kind.COMMITTED);
      }
      if (info.kind() != Kind.COMMITTED) {
        assertThat(snapshots.mounts(info.name())).hasSize(1);
      }
    }
    Set<Digest> used =
        all.stream()
            .filter(info -> info.labels().containsKey(Labels.REMOTE))
            .map(info -> Digest.parse(String.valueOf(info.labels().get(Labels.CRI_LAYER))))
            .collect(Collectors.toSet());
    await().untilAsserted(() -> assertThat(layers.mounted()).isEqualTo(used));
  }
}
