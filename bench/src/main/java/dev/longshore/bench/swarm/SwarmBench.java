package dev.longshore.bench.swarm;

import dev.longshore.bench.content.LargeBlob;
import dev.longshore.bench.content.TestImage;
import dev.longshore.bench.measure.Samples;
import dev.longshore.bench.measure.ServerProcess;
import dev.longshore.bench.measure.Table;
import dev.longshore.bench.measure.TemporaryFolder;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.Tag;
import dev.longshore.oci.client.RegistryClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Agents with capped links that pull one blob cold and together. */
public final class SwarmBench {
  private static final double GIBIBYTE = 1L << 30;

  private SwarmBench() {}

  /** Measures and prints the table. */
  public static void run(SwarmBenchSettings settings, PrintStream out) throws Exception {
    try (TemporaryFolder folder = TemporaryFolder.create("longshore-bench-swarm");
        Cluster cluster = new Cluster(folder.path())) {
      out.println("Starting origin, tracker, seeder and " + settings.agents() + " agents");
      cluster.start(settings.agents(), settings.cap());
      TestImage image = new TestImage(new LargeBlob(settings.size().bytes(), 1));
      image.push(cluster.origin());
      double sentBefore = cluster.originSent();
      double cpuBefore = cpu(cluster.agents());
      out.println("All pull " + settings.size() + " together, each capped at " + settings.cap());
      List<Double> seconds = pullTogether(cluster.mirrors(), image, settings.size().bytes());
      double cpu = cpu(cluster.agents()) - cpuBefore;
      double sent = cluster.originSent() - sentBefore;
      out.println();
      table(settings, seconds, sent, cpu).print(out);
    }
  }

  private static Table table(
      SwarmBenchSettings settings, List<Double> seconds, double sent, double cpu) {
    double size = settings.size().bytes();
    double line = size / settings.cap().bytesPerSecond();
    Samples all = new Samples();
    seconds.forEach(all::add);
    double last = seconds.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN);
    double perGibibyte = cpu / (settings.agents() * size / GIBIBYTE);
    return new Table(settings.agents() + " agents", "longshore", "bound", "")
        .row(
            "last one done, s (size ÷ cap)",
            Table.figure(last),
            Table.figure(line),
            Table.ratio(last, line))
        .row(
            "median one done, s",
            Table.figure(all.median()),
            Table.figure(line),
            Table.ratio(all.median(), line))
        .row(
            "source sent, MB (the blob once)",
            Table.figure(sent / 1e6),
            Table.figure(size / 1e6),
            Table.ratio(sent, size))
        .row("agent CPU, s per GiB pulled", Table.figure(perGibibyte), "-", "-");
  }

  private static double cpu(List<ServerProcess> processes) throws IOException {
    double seconds = 0;
    for (ServerProcess process : processes) {
      seconds += process.cpuSeconds();
    }
    return seconds;
  }

  private static List<Double> pullTogether(List<URI> mirrors, TestImage image, long size)
      throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Double>> pulls = new ArrayList<>();
      for (URI mirror : mirrors) {
        pulls.add(() -> pull(mirror, image, size));
      }
      List<Double> seconds = new ArrayList<>();
      for (Future<Double> pull : threads.invokeAll(pulls)) {
        seconds.add(pull.get());
      }
      return seconds;
    } catch (ExecutionException e) {
      throw new IOException("an agent could not pull: " + e.getCause(), e);
    }
  }

  /** As containerd pulls: the manifest, then the layer; the client checks the digest. */
  private static double pull(URI mirror, TestImage image, long size) throws IOException {
    long start = System.nanoTime();
    RepositoryName repository = new RepositoryName(TestImage.REPOSITORY);
    try (RegistryClient client =
        RegistryClient.builder(mirror).mirrorOf(Cluster.REGISTRY).build()) {
      client.fetchManifest(repository, new Tag(TestImage.TAG));
      try (InputStream in = client.openBlob(repository, image.layerDigest(), size)) {
        long read = in.transferTo(OutputStream.nullOutputStream());
        if (read != size) {
          throw new IOException(mirror + " sent " + read + " bytes of " + size);
        }
      }
    }
    return (System.nanoTime() - start) / 1e9;
  }
}
