package dev.longshore.lazy.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whenever the power goes, what was answered is there afterwards, and what was not is there whole
 * or not at all.
 */
class SnapshotCrashTest {
  private static final int LIVES = 5;
  private static final int LAYERS = 4;

  @TempDir Path root;
  private final TestChain image = new TestChain("registry.example/app:v1");

  /** What should be there: a line for each snapshot. */
  private Map<String, String> expected = new TreeMap<>();

  private static Map<String, String> of(Snapshots snapshots) throws SnapshotException {
    return snapshots.list(List.of()).stream()
        .collect(
            Collectors.toMap(
                SnapshotInfo::name, SnapshotCrashTest::line, (a, b) -> a + b, TreeMap::new));
  }

  private static String line(SnapshotInfo info) {
    return info.kind() + " on \"" + info.parent() + "\" " + new TreeMap<>(info.labels());
  }

  private static @Nullable String any(Random random, Stream<String> names) {
    List<String> all = names.sorted().toList();
    return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
  }

  private FakeLayers newLayers() {
    var layers = new FakeLayers(root);
    for (int n = 0; n < LAYERS; n++) {
      layers.offer(image.layer(n), image.diffId(n));
    }
    return layers;
  }

  @RepeatedTest(150)
  void anyOperations_crashAnywhere_losesNothingAndShowsNothingHalf() throws Exception {
    long seed = new Random().nextLong();
    System.out.println("SnapshotCrashTest seed " + seed);
    Random random = new Random(seed);
    FakeLayers layers = newLayers();
    for (int life = 0; life < LIVES; life++) {
      live(new CrashingDisk(root.resolve("metadata"), random.nextInt(60), random), layers, random);
    }
    try (Snapshots last = Snapshots.open(root, layers)) {
      assertThat(of(last)).as("seed %s", seed).isEqualTo(expected);
    }
  }

  /** Opens, does something, crashes, comes back, and looks. */
  private void live(CrashingDisk disk, FakeLayers layers, Random random) throws Exception {
    Map<String, String> before = new TreeMap<>(expected);
    Map<String, String> wanted = before;
    Snapshots snapshots = null;
    layers.isDead = disk::hasCrashed; // a dead process runs no finally blocks
    try {
      snapshots = Snapshots.open(root, layers, disk, InstantSource.system());
      while (!disk.hasCrashed()) {
        before = of(snapshots);
        wanted = new TreeMap<>(before);
        doSomething(snapshots, wanted, random);
        assertThat(of(snapshots)).isEqualTo(wanted);
      }
    } catch (CrashingDisk.Crash _) {
      // as planned
    } finally {
      if (snapshots != null) {
        snapshots.close();
      }
    }
    layers.isDead = () -> false;
    disk.comeBack(root.resolve("metadata"));

    try (Snapshots after = Snapshots.open(root, layers)) {
      assertThat(of(after)).isIn(before, wanted);
      expected = of(after);
      check(after, layers);
    }
  }

  /** One operation, and what it makes of what is there. */
  private void doSomething(Snapshots snapshots, Map<String, String> state, Random random)
      throws Exception {
    String committed =
        any(random, state.keySet().stream().filter(name -> is(state, name, Kind.COMMITTED)));
    String active =
        any(random, state.keySet().stream().filter(name -> is(state, name, Kind.ACTIVE)));
    String parent = committed == null || random.nextInt(3) == 0 ? "" : committed;
    String name = "new " + random.nextInt(1_000_000_000);
    Map<String, String> labels = Map.of("n", Integer.toString(random.nextInt(100)));
    switch (random.nextInt(7)) {
      case 0, 1 -> {
        state.put(name, "ACTIVE on \"%s\" %s".formatted(parent, labels));
        snapshots.prepare(name, parent, labels);
      }
      case 2 -> {
        state.put(name, "VIEW on \"%s\" %s".formatted(parent, labels));
        snapshots.view(name, parent, labels);
      }
      case 3 -> {
        if (active != null) {
          String was = String.valueOf(state.remove(active));
          state.put(
              name, was.replace("ACTIVE", "COMMITTED").replaceFirst("\\{.*", labels.toString()));
          snapshots.commit(name, active, labels, "");
        }
      }
      case 4 -> {
        String leaf = any(random, state.keySet().stream().filter(each -> isLeaf(state, each)));
        if (leaf != null) {
          state.remove(leaf);
          snapshots.remove(leaf);
        }
      }
      case 5 -> {
        if (committed != null && !committed.startsWith("sha256:")) {
          String was = String.valueOf(state.get(committed));
          state.put(committed, was.replaceFirst("\\{.*", labels.toString()));
          snapshots.update(committed, labels, List.of());
        }
      }
      default -> pull(snapshots, state, name);
    }
  }

  private void pull(Snapshots snapshots, Map<String, String> state, String key) throws Exception {
    int n = 0;
    while (n < LAYERS && state.containsKey(image.ref(n))) {
      n++;
    }
    if (n == LAYERS) {
      return;
    }
    Map<String, String> labels = new TreeMap<>(image.criLabels(n));
    labels.put("containerd.io/snapshot/remote", "remote snapshot");
    state.put(image.ref(n), "COMMITTED on \"%s\" %s".formatted(image.ref(n - 1), labels));
    try {
      snapshots.prepare(key, image.ref(n - 1), image.criLabels(n));
    } catch (SnapshotException e) {
      assertThat(e.reason()).isEqualTo(SnapshotException.Reason.ALREADY_EXISTS);
    }
  }

  private static boolean is(Map<String, String> state, String name, Kind kind) {
    return String.valueOf(state.get(name)).startsWith(kind + " ");
  }

  private static boolean isLeaf(Map<String, String> state, String name) {
    return state.values().stream().noneMatch(line -> line.contains(" on \"" + name + "\" "));
  }

  /** What is there can be used, and nothing else is there. */
  private void check(Snapshots snapshots, FakeLayers layers) throws Exception {
    Set<String> folders = new TreeSet<>();
    for (SnapshotInfo info : snapshots.list(List.of())) {
      if (info.kind() != Kind.COMMITTED) {
        for (Mount mount : snapshots.mounts(info.name())) {
          assertThat(directories(mount)).allSatisfy(each -> assertThat(each).isDirectory());
        }
      }
    }
    assertThat(snapshots.unavailableLayers()).isEmpty();
    snapshots.cleanup();
    for (String id : names("metadata")) {
      folders.add(id);
      assertThat(id).matches("[0-9]+");
    }
    assertThat(folders).containsAll(names("snapshots").stream().filter(Ids::isId).toList());
    assertThat(layers.mounted())
        .isEqualTo(
            snapshots.list(List.of("name~=^sha256")).stream()
                .map(info -> info.labels().get(Labels.CRI_LAYER))
                .map(digest -> Digest.parse(String.valueOf(digest)))
                .collect(Collectors.toSet()));
  }

  private static List<Path> directories(Mount mount) {
    List<Path> directories = new ArrayList<>();
    if (mount.type().equals("bind")) {
      directories.add(Path.of(mount.source()));
    }
    for (String option : mount.options()) {
      if (option.matches("(upper|work|lower)dir=.*")) {
        for (String path : option.substring(option.indexOf('=') + 1).split(":", -1)) {
          directories.add(Path.of(path));
        }
      }
    }
    return directories;
  }

  private List<String> names(String folder) throws IOException {
    try (Stream<Path> files = Files.list(root.resolve(folder))) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  /** A crash before each of the operations of one Prepare, Commit and Remove, in turn. */
  @Test
  void eachOperation_crashBefore_isWholeOrNot() throws Exception {
    int operations = 0;
    boolean finished = false;
    while (!finished) {
      Path folder = Files.createDirectory(root.resolve("run" + operations));
      var layers = new FakeLayers(folder);
      Path records = folder.resolve("metadata");
      var disk = new CrashingDisk(records, operations, new Random(operations));
      String done = "";
      Snapshots snapshots = Snapshots.open(folder, layers, disk, InstantSource.system());
      try {
        snapshots.prepare("a", "", Map.of());
        done = "a";
        snapshots.commit("c", "a", Map.of(), "");
        done = "c";
        snapshots.remove("c");
        done = "";
        finished = true;
      } catch (CrashingDisk.Crash _) {
        // looked at below
      }
      snapshots.close();
      disk.comeBack(records);
      try (Snapshots after = Snapshots.open(folder, layers)) {
        List<String> names = after.list(List.of()).stream().map(SnapshotInfo::name).toList();
        switch (done) {
          case "a" -> assertThat(names).isIn(List.of("a"), List.of("c"));
          case "c" -> assertThat(names).isIn(List.of("c"), List.of());
          default -> assertThat(names).isIn(List.of(), List.of("a"));
        }
      }
      operations++;
    }
    assertThat(operations).isGreaterThan(10);
  }
}
