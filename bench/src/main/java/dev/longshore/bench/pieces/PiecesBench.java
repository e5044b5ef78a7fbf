package dev.longshore.bench.pieces;

import dev.longshore.bench.measure.Table;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs the benchmarks of this package and sets each beside its baseline. */
public final class PiecesBench {

  /** A line of the table: what is measured, its benchmark and its baseline's, bytes in an op. */
  private record Pair(String what, String ours, String baseline, long bytes) {}

  private static final List<Pair> PAIRS =
      List.of(
          new Pair(
              "check a 1 MiB piece, direct buffer",
              "HashBenchmark.checkDirect",
              "HashBenchmark.baselineSha256",
              BenchBlob.PIECE),
          new Pair(
              "check a 1 MiB piece, heap array",
              "HashBenchmark.checkHeap",
              "HashBenchmark.baselineSha256",
              BenchBlob.PIECE),
          new Pair(
              "write it to the store",
              "StoreBenchmark.write",
              "FileBenchmark.write",
              BenchBlob.PIECE),
          new Pair(
              "check and write it",
              "StoreBenchmark.checkAndWrite",
              "FileBenchmark.checkAndWrite",
              BenchBlob.PIECE),
          new Pair(
              "build the map of 256 MiB",
              "MapBenchmark.buildMap",
              "MapBenchmark.baselineSha256",
              BenchBlob.LAYOUT.size()),
          new Pair("ask whether a piece is held", "StoreBenchmark.has", "FileBenchmark.has", 0));

  private PiecesBench() {}

  /** Measures and prints the tables. */
  public static void run(PiecesBenchSettings settings, PrintStream out)
      throws RunnerException, IOException, InterruptedException {
    switch (settings.subject()) {
      case HANDLING -> runJmh(settings, out);
      case COMPRESSION -> CompressionBench.run(settings.rounds(), out);
    }
  }

  private static void runJmh(PiecesBenchSettings settings, PrintStream out) throws RunnerException {
    String[] flags =
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(flag -> flag.startsWith("--") || flag.startsWith("-Dchronicle"))
            .toArray(String[]::new);
    OptionsBuilder options = new OptionsBuilder();
    TimeValue time = TimeValue.milliseconds(settings.time().toMillis());
    options
        .include(PiecesBench.class.getPackageName().replace(".", "\\.") + "\\..*")
        .mode(Mode.Throughput)
        .forks(1)
        .jvmArgs(flags)
        .jvmArgsAppend("-Xms512m", "-Xmx512m")
        .warmupIterations(2)
        .warmupTime(time)
        .measurementIterations(settings.rounds())
        .measurementTime(time)
        .shouldFailOnError(true)
        .verbosity(VerboseMode.SILENT);
    out.println("Running JMH, about " + 10 * (settings.rounds() + 3) + " rounds of " + time);
    Map<String, Double> operations = new HashMap<>();
    for (RunResult result : new Runner(options.build()).run()) {
      String name = result.getParams().getBenchmark();
      String[] parts = name.split("\\.", -1);
      operations.put(
          parts[parts.length - 2] + "." + parts[parts.length - 1],
          result.getPrimaryResult().getScore());
    }
    Table table = new Table("mean of " + settings.rounds(), "longshore", "bare loop", "", "unit");
    for (Pair pair : PAIRS) {
      double scale = pair.bytes() == 0 ? 1e-6 : pair.bytes() / 1e9;
      double ours = operations.getOrDefault(pair.ours(), Double.NaN) * scale;
      double bare = operations.getOrDefault(pair.baseline(), Double.NaN) * scale;
      table.row(
          pair.what(),
          Table.figure(ours),
          Table.figure(bare),
          Table.ratio(ours, bare),
          pair.bytes() == 0 ? "M/s" : "GB/s");
    }
    out.println();
    table.print(out);
  }
}
