package dev.longshore.bench.path;

import dev.longshore.bench.content.LargeBlob;
import dev.longshore.bench.content.TestImage;
import dev.longshore.bench.measure.Samples;
import dev.longshore.bench.measure.ServerProcess;
import dev.longshore.bench.measure.Table;
import dev.longshore.bench.measure.TemporaryFolder;
import dev.longshore.bench.measure.WarmMemory;
import dev.longshore.service.net.Transport;
import java.io.PrintStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * CPU seconds a GiB of a member that receives at full speed and of who sends to it, for each
 * transport, beside a bare loop that takes turns with them.
 */
public final class PathBench implements AutoCloseable {
  private static final double GIBIBYTE = 1L << 30;

  private final PathBenchSettings settings;
  private final PrintStream out;
  private final TemporaryFolder folder;
  private final List<PathProcess> members = new ArrayList<>();
  private final ServerProcess origin;
  private final String upstream;

  private PathBench(PathBenchSettings settings, PrintStream out, TemporaryFolder folder)
      throws Exception {
    this.settings = settings;
    this.out = out;
    this.folder = folder;
    this.origin =
        ServerProcess.startDaemon(
            "origin",
            "origin",
            "dev.longshore.origin.OriginMain",
            folder.path(),
            List.of(
                "--listen", "127.0.0.1:0",
                "--admin", "127.0.0.1:0",
                "--data", folder.path().resolve("origin").toString()));
    this.upstream = "http://" + origin.address("listen");
  }

  /** Measures and prints the table. */
  public static void run(PathBenchSettings settings, PrintStream out) throws Exception {
    try (TemporaryFolder folder = TemporaryFolder.create("longshore-bench-path");
        PathBench bench = new PathBench(settings, out, folder)) {
      bench.compare();
    }
  }

  /** One way of a blob into a member, and what it cost so far. */
  private static final class Lane {
    final String name;
    final PathProcess receiver;
    final ServerProcess sender;
    final String order;
    final Samples received = new Samples();
    final Samples sent = new Samples();
    final Samples rate = new Samples();
    double first = Double.NaN;

    Lane(String name, PathProcess receiver, ServerProcess sender, String order) {
      this.name = name;
      this.receiver = receiver;
      this.sender = sender;
      this.order = order;
    }
  }

  private void compare() throws Exception {
    long size = settings.size().bytes();
    out.println("Starting an origin, and two members for each transport");
    new TestImage(new LargeBlob(size, 1)).push(URI.create(upstream));
    List<Lane> lanes = new ArrayList<>();
    for (Transport.Kind kind : settings.transport()) {
      if (kind.isAvailable()) {
        lanes.addAll(lanes(kind));
      } else {
        out.println(kind + " does not run on this machine: " + kind.whyUnavailable());
      }
    }
    Samples bare = new Samples();
    try (BareLoop loop = BareLoop.prepare(folder.path(), size)) {
      for (int round = 0; round <= settings.rounds(); round++) {
        WarmMemory.provide(size);
        double seconds = loop.receive();
        if (round > 0) {
          bare.add(seconds / (size / GIBIBYTE));
        }
        for (Lane lane : lanes) {
          WarmMemory.provide(size);
          measure(lane, round, size / GIBIBYTE);
        }
        out.println(
            "Round "
                + (round == 0 ? "to warm up" : round + " of " + settings.rounds())
                + ": bare loop "
                + Table.figure(seconds / (size / GIBIBYTE))
                + " s/GiB");
      }
    }
    out.println();
    table(lanes, bare).print(out);
  }

  private List<Lane> lanes(Transport.Kind kind) throws Exception {
    PathProcess holder = member(kind, "holder", true);
    PathProcess puller = member(kind, "puller", false);
    String name = kind.name().toLowerCase(Locale.ROOT);
    return List.of(
        new Lane(name + ", from a peer", puller, holder.process(), "/pull?from=" + holder.peer()),
        new Lane(name + ", from the source", puller, origin, "/pull?source=" + upstream));
  }

  private PathProcess member(Transport.Kind kind, String name, boolean holds) throws Exception {
    PathProcess member = PathProcess.start(folder.path(), kind, name, settings, holds);
    members.add(member);
    return member;
  }

  private static void measure(Lane lane, int round, double gibibytes) throws Exception {
    ServerProcess receiver = lane.receiver.process();
    double receiverBefore = receiver.cpuSeconds();
    double senderBefore = lane.sender.cpuSeconds();
    double seconds = lane.receiver.order(lane.order);
    double received = (receiver.cpuSeconds() - receiverBefore) / gibibytes;
    double sent = (lane.sender.cpuSeconds() - senderBefore) / gibibytes;
    var _ = lane.receiver.order("/drop");
    if (round == 0) {
      lane.first = received;
    } else {
      lane.received.add(received);
      lane.sent.add(sent);
      lane.rate.add(gibibytes * GIBIBYTE / 1e6 / seconds);
    }
  }

  /** What else runs on the machine only ever adds: the least is the figure to compare. */
  private static Table table(List<Lane> lanes, Samples bare) {
    Table table =
        new Table(
            "CPU s a GiB", "receiver: first", "median", "least", "÷ bare", "sender: least", "MB/s");
    for (Lane lane : lanes) {
      table.row(
          lane.name,
          Table.figure(lane.first),
          Table.figure(lane.received.median()),
          Table.figure(lane.received.least()),
          Table.ratio(lane.received.least(), bare.least()),
          Table.figure(lane.sent.least()),
          Table.figure(lane.rate.median()));
    }
    return table.row(
        "bare loop",
        "-",
        Table.figure(bare.median()),
        Table.figure(bare.least()),
        "1.00 ×",
        "-",
        "-");
  }

  @Override
  public void close() {
    members.reversed().forEach(PathProcess::close);
    origin.close();
  }
}
