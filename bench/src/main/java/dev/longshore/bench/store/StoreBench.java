package dev.longshore.bench.store;

import dev.longshore.bench.measure.Samples;
import dev.longshore.bench.measure.Table;
import dev.longshore.bench.measure.TemporaryFolder;
import dev.longshore.swarm.store.SparsePieces;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;

/** Opens a large store after a clean stop and after a kill, writes to it, and evicts from it. */
public final class StoreBench {
  private final StoreBenchSettings settings;
  private final Path root;
  private final PrintStream out;

  private StoreBench(StoreBenchSettings settings, Path root, PrintStream out) {
    this.settings = settings;
    this.root = root;
    this.out = out;
  }

  /** Measures and prints the tables. */
  public static void run(StoreBenchSettings settings, PrintStream out)
      throws IOException, InterruptedException {
    try (TemporaryFolder folder = TemporaryFolder.create("longshore-bench-store")) {
      new StoreBench(settings, folder.path().resolve("store"), out).measure();
    }
  }

  private void measure() throws IOException, InterruptedException {
    out.printf(
        Locale.ROOT,
        "%,d blobs of %,d pieces, %,d in all, in sparse files; %d rounds, medians%n",
        settings.blobs(),
        settings.pieces(),
        settings.blobs() * settings.pieces(),
        settings.rounds());
    Path empty = root.resolveSibling("empty");
    Opens none = new Opens();
    for (int round = 0; round < settings.rounds(); round++) {
      try (OwnerProcess owner = OwnerProcess.start(empty)) {
        none.add(owner);
        owner.order("close", "closed");
      }
    }
    SparsePieces.fill(root, settings.blobs(), settings.pieces());
    Opens clean = new Opens();
    for (int round = 0; round < settings.rounds(); round++) {
      try (OwnerProcess owner = OwnerProcess.start(root)) {
        clean.add(owner);
        owner.order("close", "closed");
      }
    }
    Opens killed = new Opens();
    for (int round = 0; round < settings.rounds(); round++) {
      try (OwnerProcess owner = OwnerProcess.start(root)) {
        owner.order("dirty", "dirty");
        owner.kill();
      }
      try (OwnerProcess owner = OwnerProcess.start(root)) {
        killed.add(owner);
        owner.order("close", "closed");
      }
    }
    out.println();
    table(none, clean, killed).print(out);
    out.println();
    work().print(out);
  }

  /** What was measured of opens of one kind. */
  private static final class Opens {
    final Samples open = new Samples();
    final Samples start = new Samples();
    final Samples memory = new Samples();

    void add(OwnerProcess owner) {
      open.add(owner.openMillis());
      start.add(owner.startMillis());
      memory.add(owner.openMebibytes());
    }
  }

  private static Table table(Opens none, Opens clean, Opens killed) {
    return new Table("", "empty store", "after a clean stop", "after kill -9")
        .row("open, ms", median(none.open), median(clean.open), median(killed.open))
        .row(
            "process start to open, ms",
            median(none.start),
            median(clean.start),
            median(killed.start))
        .row(
            "memory that the open took, MiB",
            median(none.memory),
            median(clean.memory),
            median(killed.memory));
  }

  private Table work() throws IOException, InterruptedException {
    Samples file = new Samples();
    Samples store = new Samples();
    double[] evicted;
    try (OwnerProcess owner = OwnerProcess.start(root)) {
      for (int round = 0; round < settings.rounds(); round++) {
        double[] wrote = owner.order("write", "wrote");
        file.add(wrote[2] / wrote[0] * 1e3);
        store.add(wrote[2] / wrote[1] * 1e3);
      }
      evicted = owner.order("evict", "evicted");
      owner.order("close", "closed");
    }
    return new Table("", "store", "plain file", "")
        .row(
            "write and mark a piece of 256 KiB, pieces a second",
            median(store),
            median(file),
            Table.ratio(store.median(), file.median()))
        .row("blobs evicted for a new one", Table.figure(evicted[1]), "-", "-")
        .row("that took, ms", Table.figure(evicted[0]), "-", "-")
        .row("a blob, ms", Table.figure(evicted[0] / evicted[1]), "-", "-");
  }

  private static String median(Samples samples) {
    return Table.figure(samples.median());
  }
}
