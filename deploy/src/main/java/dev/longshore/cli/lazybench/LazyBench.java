package dev.longshore.cli.lazybench;

import dev.longshore.bench.cluster.Relay;
import dev.longshore.bench.measure.Samples;
import dev.longshore.bench.measure.ServerProcess;
import dev.longshore.bench.measure.Table;
import dev.longshore.bench.measure.TemporaryFolder;
import dev.longshore.cli.node.NodeAbility;
import dev.longshore.cli.node.PrivateContainerd;
import dev.longshore.cli.process.ExternalCommand;
import dev.longshore.service.unit.HostAndPort;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Starts containers of images that the node has never seen: with our snapshotter, and with
 * containerd's overlayfs straight from the registry; by turns, with cold page caches.
 */
public final class LazyBench {
  private static final String REGISTRY = "bench.longshore.test";
  private static final String REPOSITORY = "demo/app";
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final int WARM_UP = 2;

  private enum Way {
    OVERLAYFS("containerd, overlayfs"),
    LAZY("longshore, lazy"),
    WHOLE("longshore, all of it first");

    private final String words;

    Way(String words) {
      this.words = words;
    }
  }

  private static final class Figures {
    private final Samples pull = new Samples();
    private final Samples output = new Samples();
    private final Samples bytes = new Samples();
  }

  private final DebianImage image;
  private final LazyBenchSettings settings;
  private final PrintStream out;
  private final Map<Way, Figures> figures = new EnumMap<>(Way.class);
  private final Samples waits = new Samples();
  private final Samples layerBytes = new Samples();
  private int containers;

  private LazyBench(DebianImage image, LazyBenchSettings settings, PrintStream out) {
    this.image = image;
    this.settings = settings;
    this.out = out;
  }

  /** Measures and prints the tables. */
  public static void run(LazyBenchSettings settings, PrintStream out) throws Exception {
    List<String> missing = NodeAbility.missing();
    if (!missing.isEmpty()) {
      throw new IOException("this machine runs no containers: " + String.join("; ", missing));
    }
    for (DebianImage image : DebianImage.named(settings.image())) {
      new LazyBench(image, settings, out).run();
    }
  }

  private void run() throws Exception {
    try (TemporaryFolder temporary = TemporaryFolder.create("lsl")) {
      Path folder = temporary.path();
      out.println("Installing the packages of " + image.packages());
      ImageBuilder builder = ImageBuilder.of(image, folder.resolve("image"));
      try (ServerProcess origin = origin(folder);
          ServerProcess tracker = tracker(folder, "tracker");
          ServerProcess other = tracker(folder, "other-tracker")) {
        HostAndPort direct = origin.address("listen");
        Optional<Relay> narrow =
            settings.rate().isPresent()
                ? Optional.of(Relay.limiting(direct, settings.rate().get()))
                : Optional.empty();
        URI way = URI.create("http://" + narrow.map(Relay::address).orElse(direct));
        try (LazyNode lazy = node(folder.resolve("l"), folder, way, tracker, "--lazy-above=1MiB");
            LazyNode whole = node(folder.resolve("w"), folder, way, other, "--lazy-above=1TiB");
            PrivateContainerd plain = PrivateContainerd.start(folder.resolve("p"))) {
          plain.useMirror(REGISTRY, way);
          rounds(builder, origin, lazy, whole, plain);
        } finally {
          if (narrow.isPresent()) {
            narrow.get().close();
          }
        }
      }
    }
  }

  private static LazyNode node(Path own, Path folder, URI origin, ServerProcess tracker, String how)
      throws IOException, InterruptedException {
    return LazyNode.start(
        Files.createDirectories(own),
        REGISTRY,
        origin,
        folder.resolve("origin/cluster.key.pub"),
        tracker.address("listen").toString(),
        how);
  }

  private static ServerProcess origin(Path folder) throws IOException {
    return ServerProcess.startDaemon(
        "origin",
        "origin",
        "dev.longshore.origin.OriginMain",
        folder,
        List.of(
            "--listen",
            "127.0.0.1:0",
            "--admin",
            "127.0.0.1:0",
            "--data",
            folder.resolve("origin").toString()));
  }

  /** A tracker for one node: it is to have no peers. */
  private static ServerProcess tracker(Path folder, String name) throws IOException {
    return ServerProcess.startDaemon(
        name,
        "tracker",
        "dev.longshore.tracker.TrackerMain",
        folder,
        List.of("--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"));
  }

  private void rounds(
      ImageBuilder builder,
      ServerProcess origin,
      LazyNode lazy,
      LazyNode whole,
      PrivateContainerd plain)
      throws Exception {
    URI metrics = URI.create("http://" + origin.address("admin") + "/metrics");
    out.printf(
        "%s, %d rounds%s%n",
        image,
        settings.rounds(),
        settings.rate().map(rate -> " at " + rate).orElse(", as fast as it goes"));
    for (int round = 0; round < WARM_UP + settings.rounds(); round++) {
      if (round == WARM_UP) {
        figures.clear();
      }
      String tag = builder.push(origin.address("listen").toString(), REPOSITORY, image);
      awaitIndexes(metrics);
      String reference = REGISTRY + "/" + REPOSITORY + ":" + tag;
      List<Way> order = new ArrayList<>(List.of(Way.values()));
      if (round % 2 == 1) {
        order = order.reversed();
      }
      for (Way way : order) {
        PrivateContainerd containerd =
            switch (way) {
              case OVERLAYFS -> plain;
              case LAZY -> lazy.containerd();
              case WHOLE -> whole.containerd();
            };
        measure(way, reference, containerd, lazy, metrics);
      }
    }
    print(lazy);
  }

  private static void awaitIndexes(URI metrics) throws IOException, InterruptedException {
    while (LazyNode.figure(metrics, "longshore_origin_layer_index_backlog") > 0
        || LazyNode.figure(metrics, "longshore_origin_piece_map_backlog") > 0) {
      Thread.sleep(50);
    }
    Thread.sleep(500);
  }

  private void measure(
      Way way, String reference, PrivateContainerd containerd, LazyNode node, URI metrics)
      throws IOException, InterruptedException {
    dropCaches();
    double sentBefore = LazyNode.figure(metrics, "longshore_origin_sent_bytes_total");
    double waitedBefore = node.figure("longshore_lazy_read_wait_seconds_sum");
    long start = System.nanoTime();
    if (way == Way.OVERLAYFS) {
      containerd.pull(reference, LIMIT);
    } else {
      containerd.pullLazily(reference, LIMIT);
    }
    long pulled = System.nanoTime();
    long answered = containerd.runToFirstOutput(reference, "c" + ++containers, LIMIT);
    double sent = LazyNode.figure(metrics, "longshore_origin_sent_bytes_total") - sentBefore;
    Figures mine = figures.computeIfAbsent(way, _ -> new Figures());
    mine.pull.add((pulled - start) / 1e9);
    mine.output.add((answered - start) / 1e9);
    mine.bytes.add(sent / 1e6);
    switch (way) {
      case LAZY -> waits.add(node.figure("longshore_lazy_read_wait_seconds_sum") - waitedBefore);
      case OVERLAYFS -> layerBytes.add(sent / 1e6);
      case WHOLE -> {}
    }
    containerd.removeImage(reference, LIMIT);
  }

  private static void dropCaches() throws IOException, InterruptedException {
    var _ =
        ExternalCommand.run(List.of("sh", "-c", "sync; echo 3 >/proc/sys/vm/drop_caches"), LIMIT)
            .orThrow();
  }

  private void print(LazyNode node) throws IOException {
    Table table =
        new Table(
            "s", "pulled", "first output", "p90", "p99", "÷ overlayfs", "MB fetched", "of all");
    double baseline = output(Way.OVERLAYFS).median();
    double all = layerBytes.median();
    for (Way way : Way.values()) {
      Figures mine = figures.getOrDefault(way, new Figures());
      table.row(
          way.words,
          Table.figure(mine.pull.median()),
          Table.figure(mine.output.median()),
          Table.figure(mine.output.percentile(0.9)),
          Table.figure(mine.output.percentile(0.99)),
          Table.ratio(mine.output.median(), baseline),
          Table.figure(mine.bytes.median()),
          "%.1f %%".formatted(100 * mine.bytes.median() / all));
    }
    table.print(out);
    out.printf(
        "Reads waited %.2f s together; the snapshotter has %d MiB resident.%n%n",
        waits.median(), node.memory() >> 20);
  }

  private Samples output(Way way) {
    return figures.getOrDefault(way, new Figures()).output;
  }
}
