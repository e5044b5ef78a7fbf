package dev.longshore.bench.origin;

import dev.longshore.bench.content.LargeBlob;
import dev.longshore.bench.content.TestImage;
import dev.longshore.bench.measure.Samples;
import dev.longshore.bench.measure.Table;
import dev.longshore.bench.measure.TemporaryFolder;
import dev.longshore.bench.measure.Tools;
import dev.longshore.bench.measure.Wrk;
import dev.longshore.oci.Digest;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.client.RegistryClient;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.function.Function;

/** Our registry beside CNCF distribution and nginx, all in one run and under the same load. */
public final class OriginBench {
  private static final int MANIFEST_CONNECTIONS = 32;
  private static final int BLOB_CONNECTIONS = 8;

  private final OriginBenchSettings settings;
  private final PrintStream out;
  private final Wrk wrk;

  private OriginBench(OriginBenchSettings settings, PrintStream out, Wrk wrk) {
    this.settings = settings;
    this.out = out;
    this.wrk = wrk;
  }

  /** Measures and prints the table. */
  public static void run(OriginBenchSettings settings, PrintStream out)
      throws IOException, InterruptedException {
    Tools.require(List.of(Tools.WRK, Tools.NGINX, Tools.DISTRIBUTION));
    try (TemporaryFolder folder = TemporaryFolder.create("longshore-bench-origin")) {
      out.println("Starting the origin, distribution and nginx on the same content");
      TestImage content = new TestImage(new LargeBlob(settings.blob().bytes(), 1));
      try (Contender ours = Contenders.ours(folder.path(), content);
          Contender distribution = Contenders.distribution(folder.path(), content);
          Contender nginx = Contenders.nginx(folder.path(), content)) {
        new OriginBench(settings, out, new Wrk(folder.path())).compare(ours, distribution, nginx);
      }
    }
  }

  private void compare(Contender ours, Contender distribution, Contender nginx)
      throws IOException, InterruptedException {
    List<Contender> all = List.of(ours, distribution, nginx);
    for (int round = 0; round <= settings.rounds(); round++) {
      boolean counts = round > 0;
      out.println(counts ? "Round " + round + " of " + settings.rounds() : "Warming up");
      for (Contender one : all) {
        pullManifests(one, counts);
      }
      for (Contender one : all) {
        pullBlob(one, counts);
      }
      for (Contender one : List.of(ours, distribution)) {
        push(one, round, counts);
      }
    }
    out.println();
    table(ours, distribution, nginx).print(out);
  }

  private void pullManifests(Contender one, boolean counts)
      throws IOException, InterruptedException {
    Wrk.Load load = wrk.run(one.manifest, MANIFEST_CONNECTIONS, settings.time());
    if (counts) {
      one.manifestRate.add(load.requestsPerSecond());
    }
  }

  private void pullBlob(Contender one, boolean counts) throws IOException, InterruptedException {
    double before = one.process.cpuSeconds();
    Wrk.Load load = wrk.run(one.blob, BLOB_CONNECTIONS, settings.time());
    double cpu = one.process.cpuSeconds() - before;
    if (counts) {
      one.blobRate.add(load.gigabytesPerSecond());
      one.blobCpu.add(cpu / load.gigabytes());
    }
  }

  private void push(Contender one, int round, boolean counts) throws IOException {
    LargeBlob blob = new LargeBlob(settings.push().bytes(), 100 + round);
    Digest digest = blob.digest();
    RepositoryName repository = new RepositoryName("bench/push");
    try (RegistryClient client = RegistryClient.builder(one.base).build()) {
      double cpuBefore = one.process.cpuSeconds();
      long start = System.nanoTime();
      client.pushBlob(repository, digest, blob, sent -> {});
      double seconds = (System.nanoTime() - start) / 1e9;
      double cpu = one.process.cpuSeconds() - cpuBefore;
      if (counts) {
        one.pushRate.add(blob.size() / seconds / 1e6);
        one.pushCpu.add(cpu / (blob.size() / 1e9));
      }
    }
  }

  private Table table(Contender ours, Contender distribution, Contender nginx) {
    Table table =
        new Table("median of " + settings.rounds(), "longshore", "distribution", "", "nginx", "");
    String connections = " (wrk -t1 -c";
    row(
        table,
        "manifest by tag, req/s" + connections + MANIFEST_CONNECTIONS + ")",
        c -> c.manifestRate,
        ours,
        distribution,
        nginx);
    String blob = settings.blob() + " blob, ";
    row(
        table,
        blob + "GB/s" + connections + BLOB_CONNECTIONS + ")",
        c -> c.blobRate,
        ours,
        distribution,
        nginx);
    row(table, blob + "server CPU s/GB", c -> c.blobCpu, ours, distribution, nginx);
    String push = settings.push() + " push, ";
    row(table, push + "MB/s", c -> c.pushRate, ours, distribution, nginx);
    row(table, push + "server CPU s/GB", c -> c.pushCpu, ours, distribution, nginx);
    return table;
  }

  private static void row(
      Table table,
      String what,
      Function<Contender, Samples> samples,
      Contender ours,
      Contender distribution,
      Contender nginx) {
    double figure = samples.apply(ours).median();
    double first = samples.apply(distribution).median();
    double second = samples.apply(nginx).median();
    table.row(
        what,
        Table.figure(figure),
        Table.figure(first),
        Table.ratio(figure, first),
        Table.figure(second),
        Table.ratio(figure, second));
  }
}
