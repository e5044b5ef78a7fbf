package dev.longshore.bench.transport;

import dev.longshore.bench.measure.Table;
import dev.longshore.bench.measure.TemporaryFolder;
import dev.longshore.bench.measure.Tools;
import dev.longshore.bench.measure.Wrk;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs all lanes in turns and prints a table for each kind of traffic. */
public final class TransportBench implements AutoCloseable {
  /** 256 MiB: more than a processor's caches hold. */
  private static final int FILE_PIECES = 1_024;

  private final TransportBenchSettings settings;
  private final PrintStream out;
  private final Path folder;
  private final List<SmallLane> small = new ArrayList<>();
  private final List<PiecePair> pairs = new ArrayList<>();
  private final List<PieceLane> pieces = new ArrayList<>();

  private TransportBench(TransportBenchSettings settings, PrintStream out, Path folder) {
    this.settings = settings;
    this.out = out;
    this.folder = folder;
  }

  /** Measures and prints the tables. */
  public static void run(TransportBenchSettings settings, PrintStream out) throws Exception {
    if (settings.traffic().contains(Traffic.SMALL)) {
      Tools.require(List.of(Tools.WRK));
    }
    try (TemporaryFolder folder = TemporaryFolder.create("longshore-bench-transport");
        TransportBench bench = new TransportBench(settings, out, folder.path())) {
      bench.start();
      bench.compare();
      bench.print();
    }
  }

  private void start() throws Exception {
    out.println("Starting a server, a sender and a receiver for each transport");
    Path file = folder.resolve("pieces");
    Path keys = folder.resolve("keys.p12");
    if (hasPieces()) {
      PieceFile.create(file, FILE_PIECES);
      MutualTls.createKeys(keys);
    }
    for (Way way : settings.way()) {
      if (!way.kind().isAvailable()) {
        out.println(way + " does not run on this machine: " + way.kind().whyUnavailable());
        continue;
      }
      if (settings.traffic().contains(Traffic.SMALL)) {
        small.add(SmallLane.start(way, folder));
      }
      if (hasPieces()) {
        PiecePair pair = PiecePair.start(way, folder, file, keys);
        pairs.add(pair);
        addLanes(pair);
      }
    }
  }

  private boolean hasPieces() {
    return settings.traffic().contains(Traffic.CLEAR) || settings.traffic().contains(Traffic.TLS);
  }

  private void addLanes(PiecePair pair) {
    for (Sending sending : pair.way().sendings()) {
      Traffic traffic = sending.isSecure() ? Traffic.TLS : Traffic.CLEAR;
      Throwable reason = sending.whyUnavailable();
      if (reason != null) {
        out.println(sending + " does not run on this machine: " + reason);
      } else if (settings.traffic().contains(traffic)) {
        pieces.add(new PieceLane(pair, sending));
      }
    }
  }

  private void compare() throws IOException, InterruptedException {
    Wrk wrk = small.isEmpty() ? null : new Wrk(folder);
    for (int round = 0; round <= settings.rounds(); round++) {
      boolean counts = round > 0;
      out.println(
          counts
              ? "Round " + round + " of " + settings.rounds()
              : "Warming up, and checking every byte");
      if (wrk != null) {
        for (SmallLane lane : small) {
          lane.measure(wrk, settings.time(), counts);
        }
      }
      for (PieceLane lane : pieces) {
        String failure = lane.measure(settings.pieces(), counts);
        if (failure != null) {
          out.println(failure);
        }
      }
    }
  }

  private void print() {
    print(!small.isEmpty(), SmallLane.table(small));
    List<PieceLane> clear = pieces.stream().filter(lane -> !lane.isSecure()).toList();
    print(!clear.isEmpty(), PieceLane.table("pieces in the clear", clear));
    List<PieceLane> secure = pieces.stream().filter(PieceLane::isSecure).toList();
    print(!secure.isEmpty(), PieceLane.table("pieces under TLS", secure));
  }

  private void print(boolean any, Table table) {
    if (any) {
      out.println();
      table.print(out);
    }
  }

  @Override
  public void close() {
    pairs.reversed().forEach(PiecePair::close);
    small.reversed().forEach(SmallLane::close);
  }
}
