package dev.longshore.bench.small;

import dev.longshore.bench.cluster.Cluster;
import dev.longshore.bench.cluster.Relay;
import dev.longshore.bench.content.SmallLayersImage;
import dev.longshore.bench.measure.Samples;
import dev.longshore.bench.measure.Table;
import dev.longshore.bench.measure.TemporaryFolder;
import dev.longshore.oci.Tag;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.service.unit.HostAndPort;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/**
 * Images of many small layers, each pulled straight from the origin, through an agent when nobody
 * has it, through another one when the first has it, and through that again.
 */
public final class SmallBench {

  /** So long without a request at the origin, and everybody is done. */
  private static final long QUIET_MILLIS = 100;

  /** Who pulls, and from whom it comes. */
  private enum Way {
    DIRECT("straight from the origin"),
    COLD("through an agent, nobody has it"),
    OTHERS("through an agent, another has it"),
    WARM("through that agent again"),
    DIRECT_TOGETHER("as many at once straight from the origin, last one done"),
    TOGETHER("through all agents at once, last one done");

    private final String words;

    Way(String words) {
      this.words = words;
    }
  }

  private static final class Figures {
    final Samples millis = new Samples();
    final Map<String, Double> requests = new TreeMap<>();
  }

  private final SmallBenchSettings settings;
  private final PrintStream out;
  private final Cluster cluster;
  private final ExecutorService threads;
  private final Map<Way, Figures> figures = new EnumMap<>(Way.class);
  private int images;

  private SmallBench(
      SmallBenchSettings settings, PrintStream out, Cluster cluster, ExecutorService threads) {
    this.settings = settings;
    this.out = out;
    this.cluster = cluster;
    this.threads = threads;
  }

  /** Measures and prints the table. */
  public static void run(SmallBenchSettings settings, PrintStream out) throws Exception {
    List<Relay> ways = new ArrayList<>();
    try (TemporaryFolder folder = TemporaryFolder.create("longshore-bench-small");
        Cluster cluster = new Cluster(folder.path());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      out.println("Starting origin, tracker, seeder and " + settings.agents() + " agents");
      cluster.start(
          settings.agents(),
          origin -> {
            if (settings.delay().isZero()) {
              return origin;
            }
            Relay way = Relay.delaying(origin, settings.delay());
            ways.add(way);
            return way.address();
          });
      new SmallBench(settings, out, cluster, threads).compare(ways);
    } finally {
      for (Relay way : ways) {
        way.close();
      }
    }
  }

  private void compare(List<Relay> ways) throws Exception {
    URI origin = cluster.origin();
    HostAndPort address =
        ways.isEmpty()
            ? new HostAndPort(origin.getHost(), origin.getPort())
            : ways.getFirst().address();
    URI direct = URI.create("http://" + address);
    out.println("Warming up with " + settings.warmup() + " images");
    rounds(settings.warmup(), direct);
    figures.clear();
    out.println("Pulling " + settings.images() + " images");
    rounds(settings.images(), direct);
    out.println();
    table().print(out);
    out.println();
    figures.forEach((way, figure) ->
        out.println(
            way.words
                + ": requests at the origin for each image: "
                + figure.requests.entrySet().stream()
                    .map(route ->
                        route.getKey() + " " + Table.figure(route.getValue() / settings.images()))
                    .collect(Collectors.joining(", "))));
  }

  private void rounds(int count, URI direct) throws Exception {
    try (RegistryClient client = RegistryClient.builder(cluster.origin()).build()) {
      for (int round = 0; round < count; round++) {
        ContainerdPull puller = new ContainerdPull(threads, settings.parallel());
        SmallLayersImage image = push(client);
        boolean directFirst = round % 2 == 0;
        if (directFirst) {
          measure(Way.DIRECT, () -> puller.pull(direct, image));
        }
        List<URI> mirrors = cluster.mirrors();
        measure(Way.COLD, () -> puller.pull(mirrors.getFirst(), image));
        measure(Way.OTHERS, () -> puller.pull(mirrors.get(1), image));
        measure(Way.WARM, () -> puller.pull(mirrors.get(1), image));
        if (!directFirst) {
          measure(Way.DIRECT, () -> puller.pull(direct, image));
        }
        SmallLayersImage another = push(client);
        measure(
            Way.DIRECT_TOGETHER,
            () -> together(puller, Collections.nCopies(settings.agents(), direct), another));
        measure(Way.TOGETHER, () -> together(puller, mirrors, another));
      }
    }
  }

  private SmallLayersImage push(RegistryClient client) throws IOException, InterruptedException {
    images++;
    SmallLayersImage image =
        new SmallLayersImage(
            new Tag("v" + images),
            settings.layers(),
            Math.toIntExact(settings.size().bytes()),
            images);
    image.push(client);
    while (cluster.mapsToMake() > 0) {
      Thread.sleep(5);
    }
    return image;
  }

  private double together(ContainerdPull puller, List<URI> mirrors, SmallLayersImage image)
      throws Exception {
    List<Callable<Double>> pulls = new ArrayList<>();
    for (URI mirror : mirrors) {
      pulls.add(() -> puller.pull(mirror, image));
    }
    double last = 0;
    try {
      for (Future<Double> pull : threads.invokeAll(pulls)) {
        last = Math.max(last, pull.get());
      }
    } catch (ExecutionException e) {
      throw new IOException("an agent could not pull: " + e.getCause(), e);
    }
    return last;
  }

  private void measure(Way way, Callable<Double> pull) throws Exception {
    Map<String, Double> before = cluster.originRequests();
    Figures figure = figures.computeIfAbsent(way, _ -> new Figures());
    figure.millis.add(pull.call());
    requestsAfterwards()
        .forEach((route, count) -> {
          double more = count - before.getOrDefault(route, 0.0);
          if (more > 0) {
            figure.requests.merge(route, more, Double::sum);
          }
        });
  }

  /** Agents and seeder may still be busy with the image: what they ask for is part of the price. */
  private Map<String, Double> requestsAfterwards() throws IOException, InterruptedException {
    Map<String, Double> last = cluster.originRequests();
    while (true) {
      Thread.sleep(QUIET_MILLIS);
      Map<String, Double> now = cluster.originRequests();
      if (now.equals(last)) {
        return now;
      }
      last = now;
    }
  }

  private static Way baseline(Way way) {
    return switch (way) {
      case DIRECT, COLD, OTHERS, WARM -> Way.DIRECT;
      case DIRECT_TOGETHER, TOGETHER -> Way.DIRECT_TOGETHER;
    };
  }

  private double median(Way way) {
    return figures.computeIfAbsent(way, _ -> new Figures()).millis.median();
  }

  private Table table() {
    Table table =
        new Table(
            settings.layers() + " × " + settings.size() + ", " + settings.parallel() + " at a time",
            "median, ms",
            "p99, ms",
            "median ÷ origin's",
            "requests at the origin");
    figures.forEach((way, figure) ->
        table.row(
            way.words,
            Table.figure(figure.millis.median()),
            Table.figure(figure.millis.percentile(0.99)),
            Table.ratio(figure.millis.median(), median(baseline(way))),
            Table.figure(
                figure.requests.values().stream().mapToDouble(Double::doubleValue).sum()
                    / settings.images())));
    return table;
  }
}
