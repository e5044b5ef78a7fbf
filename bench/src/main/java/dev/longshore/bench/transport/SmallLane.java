package dev.longshore.bench.transport;

import dev.longshore.bench.measure.Samples;
import dev.longshore.bench.measure.ServerProcess;
import dev.longshore.bench.measure.Table;
import dev.longshore.bench.measure.Wrk;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Small requests over one transport, and what they cost the process that answers. */
final class SmallLane implements AutoCloseable {
  private static final int CONNECTIONS = 32;

  private final Way way;
  private final ServerProcess server;
  private final URI url;
  private final Samples rate = new Samples();
  private final Samples micros = new Samples();

  private SmallLane(Way way, ServerProcess server, URI url) {
    this.way = way;
    this.server = server;
    this.url = url;
  }

  /** Starts a server with the flags of an origin. */
  static SmallLane start(Way way, Path folder) throws IOException, InterruptedException {
    ServerProcess server =
        ServerProcess.startDaemon(
            "small-" + way.name(),
            "origin",
            SmallAnswers.class.getName(),
            folder,
            List.of("--way", way.name()));
    return new SmallLane(way, server, URI.create("http://" + server.address("listen") + "/m"));
  }

  void measure(Wrk wrk, Duration time, boolean counts) throws IOException, InterruptedException {
    double before = server.cpuSeconds();
    Wrk.Load load = wrk.run(url, CONNECTIONS, time);
    double cpu = server.cpuSeconds() - before;
    if (counts) {
      rate.add(load.requestsPerSecond());
      micros.add(cpu * 1e6 / load.requests());
    }
  }

  /** The least CPU is the figure to compare: what else runs on the machine only ever adds. */
  static Table table(List<SmallLane> lanes) {
    Table table =
        new Table(
            "small requests (wrk -t1 -c" + CONNECTIONS + ")",
            "req/s",
            "CPU µs a request: median",
            "least",
            "÷ first");
    double first = lanes.isEmpty() ? Double.NaN : lanes.getFirst().micros.least();
    for (SmallLane lane : lanes) {
      table.row(
          lane.way.toString(),
          Table.figure(lane.rate.median()),
          Table.figure(lane.micros.median()),
          Table.figure(lane.micros.least()),
          Table.ratio(lane.micros.least(), first));
    }
    return table;
  }

  @Override
  public void close() {
    server.close();
  }
}
