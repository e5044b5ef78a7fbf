package dev.longshore.bench;

import dev.longshore.bench.layer.LayerBench;
import dev.longshore.bench.layer.LayerBenchSettings;
import dev.longshore.bench.measure.MissingToolException;
import dev.longshore.bench.origin.OriginBench;
import dev.longshore.bench.origin.OriginBenchSettings;
import dev.longshore.bench.path.PathBench;
import dev.longshore.bench.path.PathBenchSettings;
import dev.longshore.bench.pieces.PiecesBench;
import dev.longshore.bench.pieces.PiecesBenchSettings;
import dev.longshore.bench.sim.ChartBench;
import dev.longshore.bench.sim.ChartBenchSettings;
import dev.longshore.bench.sim.SimBench;
import dev.longshore.bench.sim.SimBenchSettings;
import dev.longshore.bench.small.SmallBench;
import dev.longshore.bench.small.SmallBenchSettings;
import dev.longshore.bench.start.StartBench;
import dev.longshore.bench.start.StartBenchSettings;
import dev.longshore.bench.store.StoreBench;
import dev.longshore.bench.store.StoreBenchSettings;
import dev.longshore.bench.swarm.SwarmBench;
import dev.longshore.bench.swarm.SwarmBenchSettings;
import dev.longshore.bench.transport.TransportBench;
import dev.longshore.bench.transport.TransportBenchSettings;
import dev.longshore.service.settings.SettingsException;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** {@code longshore bench}: runs one of the benchmarks and prints its table. */
public final class BenchMain {

  /** Those of this module, in the order in which the help lists them. */
  private static final List<BenchCommand<?>> OURS =
      List.of(
          new BenchCommand<>(
              "pieces",
              "What happens to a piece in one process, beside bare loops (JMH).",
              PiecesBenchSettings.class,
              PiecesBench::run),
          new BenchCommand<>(
              "store",
              "A piece store with a million pieces: opening it, writing to it, evicting from it.",
              StoreBenchSettings.class,
              StoreBench::run),
          new BenchCommand<>(
              "origin",
              "Our registry beside CNCF distribution and nginx, under the same load.",
              OriginBenchSettings.class,
              OriginBench::run),
          new BenchCommand<>(
              "start",
              "An agent from the start of its process until it is ready, and idle after that.",
              StartBenchSettings.class,
              StartBench::run),
          new BenchCommand<>(
              "path",
              "What a GiB costs one member at full speed, a transport each, beside a bare loop.",
              PathBenchSettings.class,
              PathBench::run),
          new BenchCommand<>(
              "transport",
              "Each transport and TLS engine on small answers and on pieces, with CPU of both ends.",
              TransportBenchSettings.class,
              TransportBench::run),
          new BenchCommand<>(
              "swarm",
              "Agents with capped links that pull blobs together, beside aria2 and what the cap"
                  + " allows.",
              SwarmBenchSettings.class,
              SwarmBench::run),
          new BenchCommand<>(
              "small",
              "Images of many small layers, straight from the origin and through agents beside it.",
              SmallBenchSettings.class,
              SmallBench::run),
          new BenchCommand<>(
              "layer",
              "A layer's index: building it, its size, reading the layer with it, beside inflating"
                  + " it all.",
              LayerBenchSettings.class,
              LayerBench::run),
          new BenchCommand<>(
              "sim",
              "Thousands of simulated nodes around the shipped state machines, in virtual time.",
              SimBenchSettings.class,
              SimBench::run),
          new BenchCommand<>(
              "chart",
              "The same simulated pull by 10 to 10,000 nodes, drawn as SVG.",
              ChartBenchSettings.class,
              ChartBench::run));

  private BenchMain() {}

  /** Runs and ends the process: 0 when all was measured, 1 when not, 2 for wrong settings. */
  public static void main(String[] arguments) {
    main(arguments, List.of());
  }

  /** As above, with benchmarks of other modules after those of this one. */
  public static void main(String[] arguments, List<BenchCommand<?>> others) {
    System.exit(run(arguments, others, System.out, System.err));
  }

  /** Runs and returns the exit code. */
  static int run(String[] arguments, PrintStream out, PrintStream err) {
    return run(arguments, List.of(), out, err);
  }

  private static int run(
      String[] arguments, List<BenchCommand<?>> others, PrintStream out, PrintStream err) {
    List<BenchCommand<?>> all = Stream.concat(OURS.stream(), others.stream()).toList();
    if (arguments.length == 0 || arguments[0].equals("--help")) {
      out.print(usage(all));
      return arguments.length == 0 ? 2 : 0;
    }
    String name = arguments[0];
    Optional<BenchCommand<?>> command =
        all.stream().filter(one -> one.name().equals(name)).findFirst();
    if (command.isEmpty()) {
      err.println("longshore bench: there is no benchmark '" + name + "'");
      err.print(usage(all));
      return 2;
    }
    try {
      command.get().run(Arrays.copyOfRange(arguments, 1, arguments.length), out);
      return 0;
    } catch (SettingsException e) {
      err.println("longshore bench " + name + ": " + e.getMessage());
      return 2;
    } catch (MissingToolException e) {
      err.println("longshore bench " + name + ": " + e.getMessage());
      return 1;
    } catch (Exception e) {
      err.println("longshore bench " + name + " failed: " + e.getMessage());
      e.printStackTrace(err);
      return 1;
    }
  }

  private static String usage(List<BenchCommand<?>> all) {
    StringBuilder usage = new StringBuilder("longshore bench NAME [SETTINGS]\n\n");
    for (BenchCommand<?> command : all) {
      usage.append("  %-10s %s%n".formatted(command.name(), command.summary()));
    }
    return usage.append("\nEach has --help.\n").toString();
  }
}
