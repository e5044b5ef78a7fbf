package dev.longshore.bench.swarm;

import dev.longshore.bench.cluster.Cluster;
import dev.longshore.bench.cluster.Relay;
import dev.longshore.bench.content.LargeBlob;
import dev.longshore.bench.content.TestImage;
import dev.longshore.bench.measure.CpuTime;
import dev.longshore.bench.measure.PullResult;
import dev.longshore.bench.measure.ServerProcess;
import dev.longshore.bench.measure.Table;
import dev.longshore.bench.measure.TemporaryFolder;
import dev.longshore.bench.measure.Tools;
import dev.longshore.bench.measure.WarmMemory;
import dev.longshore.bench.path.BareLoop;
import dev.longshore.bench.torrent.Aria2Swarm;
import dev.longshore.oci.Tag;
import dev.longshore.service.unit.HostAndPort;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Agents with capped links that pull a blob cold and together, beside aria2 and the bound. */
public final class SwarmBench {
  private static final double MEBIBYTE = 1 << 20;

  private final SwarmBenchSettings settings;
  private final PrintStream out;
  private final long size;

  private SwarmBench(SwarmBenchSettings settings, PrintStream out) {
    this.settings = settings;
    this.out = out;
    this.size = settings.size().bytes();
  }

  /** Measures and prints the table. */
  public static void run(SwarmBenchSettings settings, PrintStream out) throws Exception {
    Tools.require(List.of(Tools.ARIA2));
    try (TemporaryFolder folder = TemporaryFolder.create("longshore-bench-swarm")) {
      new SwarmBench(settings, out).compare(folder);
    }
  }

  private void compare(TemporaryFolder folder) throws Exception {
    Ours ours;
    List<Relay> ways = new ArrayList<>();
    try (Cluster cluster = new Cluster(folder.path())) {
      out.println("Starting origin, tracker, seeder and " + settings.agents() + " agents");
      cluster.start(settings.agents(), settings.cap(), origin -> narrow(origin, ways));
      ours = pullBlobs(cluster);
    } finally {
      for (Relay way : ways) {
        way.close();
      }
    }
    out.println("aria2: a seeder and " + settings.agents() + " leechers under the same caps");
    PullResult torrent;
    try (Aria2Swarm aria2 = new Aria2Swarm(folder.path(), settings.cap());
        WarmMemory memory = warmMemory()) {
      aria2.seed(new LargeBlob(size, 1));
      memory.giveBack(writtenPerSecond());
      torrent = aria2.pull(settings.agents());
    }
    out.println("Bare loop: one thread that receives, hashes and writes the blob");
    WarmMemory.provide(size);
    double bare = BareLoop.cpuSeconds(folder.path(), size) / (size / (MEBIBYTE * 1024));
    out.println();
    table(ours, torrent, bare).print(out);
  }

  /** The origin sends no more than any member. */
  private HostAndPort narrow(HostAndPort origin, List<Relay> ways) throws IOException {
    Relay way = Relay.limiting(origin, settings.cap());
    ways.add(way);
    return way.address();
  }

  /** For the files of all members and of whoever seeds. */
  private WarmMemory warmMemory() throws IOException {
    return WarmMemory.hold((settings.agents() + 1) * size);
  }

  private long writtenPerSecond() {
    return (settings.agents() + 1) * settings.cap().bytesPerSecond();
  }

  private record Ours(PullResult first, PullResult last, double sent) {}

  /** One blob after the other: the first finds cold processes, the last warm ones. */
  private Ours pullBlobs(Cluster cluster) throws Exception {
    double sent = 0;
    List<PullResult> rounds = new ArrayList<>();
    for (int round = 1; round <= settings.rounds(); round++) {
      TestImage image = new TestImage(new LargeBlob(size, round), new Tag("v" + round));
      image.push(cluster.origin());
      double sentBefore = cluster.originSent();
      CpuTime before = cpu(cluster.agents());
      List<Double> seconds;
      try (WarmMemory memory = warmMemory()) {
        memory.giveBack(writtenPerSecond());
        seconds = pullTogether(cluster.mirrors(), image);
      }
      CpuTime cpu = cpu(cluster.agents()).minus(before);
      sent = cluster.originSent() - sentBefore;
      long memory = 0;
      for (ServerProcess agent : cluster.agents()) {
        memory = Math.max(memory, agent.peakMemory());
      }
      PullResult result = new PullResult(seconds, cpu, memory);
      rounds.add(result);
      out.println(
          "Blob "
              + round
              + " of "
              + settings.rounds()
              + ": last agent done after "
              + Table.figure(result.last())
              + " s");
    }
    return new Ours(rounds.getFirst(), rounds.getLast(), sent);
  }

  private Table table(Ours ours, PullResult torrent, double bare) {
    double line = size / (double) settings.cap().bytesPerSecond();
    return new Table(
            settings.agents() + " members",
            "first blob",
            "last blob",
            "aria2",
            "last ÷ aria2",
            "bound",
            "last ÷ bound")
        .row(
            row(
                "last one done, s (size ÷ cap)",
                ours.first.last(),
                ours.last.last(),
                torrent.last(),
                line))
        .row(
            row(
                "median one done, s",
                ours.first.median(),
                ours.last.median(),
                torrent.median(),
                line))
        .row(
            row(
                "CPU, s per GiB received and served (bare loop)",
                ours.first.cpuPerGibibyte(size),
                ours.last.cpuPerGibibyte(size),
                torrent.cpuPerGibibyte(size),
                bare))
        .row(
            row(
                "the same without the kernel's",
                ours.first.userPerGibibyte(size),
                ours.last.userPerGibibyte(size),
                torrent.userPerGibibyte(size),
                Double.NaN))
        .row(
            row(
                "peak resident memory of a member, MiB",
                ours.first.peakMemory() / MEBIBYTE,
                ours.last.peakMemory() / MEBIBYTE,
                torrent.peakMemory() / MEBIBYTE,
                Double.NaN))
        .row(
            row(
                "source sent, MB (the blob once)",
                Double.NaN,
                ours.sent / 1e6,
                Double.NaN,
                size / 1e6));
  }

  private static String[] row(
      String what, double first, double last, double torrent, double bound) {
    return new String[] {
      what,
      Table.figure(first),
      Table.figure(last),
      Table.figure(torrent),
      Table.ratio(last, torrent),
      Table.figure(bound),
      Table.ratio(last, bound)
    };
  }

  private static CpuTime cpu(List<ServerProcess> processes) throws IOException {
    CpuTime together = CpuTime.NONE;
    for (ServerProcess process : processes) {
      together = together.plus(process.cpuTime());
    }
    return together;
  }

  private List<Double> pullTogether(List<URI> mirrors, TestImage image) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(mirrors.size())) {
      List<Callable<Double>> pulls = new ArrayList<>();
      for (URI mirror : mirrors) {
        pulls.add(() -> pull(mirror, image));
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

  /** As containerd pulls: the manifest, then the layer. */
  private double pull(URI mirror, TestImage image) throws IOException {
    long start = System.nanoTime();
    try (MirrorPull pull = new MirrorPull(mirror)) {
      pull.get(image.manifestPath());
      long read = pull.get(image.layerPath());
      if (read != size) {
        throw new IOException(mirror + " sent " + read + " bytes of " + size);
      }
    }
    return (System.nanoTime() - start) / 1e9;
  }
}
