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
import dev.longshore.service.settings.Settings;
import dev.longshore.service.settings.SettingsException;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;

/** {@code longshore bench}: runs one of the benchmarks and prints its table. */
public final class BenchMain {
  private static final String PIECES =
      "What happens to a piece in one process, beside bare loops (JMH).";
  private static final String STORE =
      "A piece store with a million pieces: opening it, writing to it, evicting from it.";
  private static final String ORIGIN =
      "Our registry beside CNCF distribution and nginx, under the same load.";
  private static final String START =
      "An agent from the start of its process until it is ready, and idle after that.";
  private static final String SWARM =
      "Agents with capped links that pull blobs together, beside aria2 and what the cap allows.";
  private static final String PATH =
      "What a GiB costs one member at full speed, a transport each, beside a bare loop.";
  private static final String TRANSPORT =
      "Each transport and TLS engine on small answers and on pieces, with CPU of both ends.";
  private static final String SMALL =
      "Images of many small layers, straight from the origin and through agents beside it.";
  private static final String LAYER =
      "A layer's index: building it, its size, reading the layer with it, beside inflating it all.";
  private static final String SIM =
      "Thousands of simulated nodes around the shipped state machines, in virtual time.";
  private static final String CHART =
      "The same simulated pull by 10 to 10,000 nodes, drawn as SVG.";
  private static final String USAGE =
      """
      longshore bench pieces | store | origin | start | path | transport | swarm | small | layer | sim |
                      chart [SETTINGS]

        pieces     %s
        store      %s
        origin     %s
        start      %s
        path       %s
        transport  %s
        swarm      %s
        small      %s
        layer      %s
        sim        %s
        chart      %s

      Each has --help.
      """
          .formatted(
              PIECES, STORE, ORIGIN, START, PATH, TRANSPORT, SWARM, SMALL, LAYER, SIM, CHART);

  private BenchMain() {}

  /** Runs and ends the process: 0 when all was measured, 1 when not, 2 for wrong settings. */
  public static void main(String[] arguments) {
    System.exit(run(arguments, System.out, System.err));
  }

  /** Runs and returns the exit code. */
  static int run(String[] arguments, PrintStream out, PrintStream err) {
    if (arguments.length == 0 || arguments[0].equals("--help")) {
      out.print(USAGE);
      return arguments.length == 0 ? 2 : 0;
    }
    String[] rest = Arrays.copyOfRange(arguments, 1, arguments.length);
    try {
      return switch (arguments[0]) {
        case "pieces" -> {
          run("pieces", PIECES, PiecesBenchSettings.class, PiecesBench::run, rest, out);
          yield 0;
        }
        case "store" -> {
          run("store", STORE, StoreBenchSettings.class, StoreBench::run, rest, out);
          yield 0;
        }
        case "origin" -> {
          run("origin", ORIGIN, OriginBenchSettings.class, OriginBench::run, rest, out);
          yield 0;
        }
        case "start" -> {
          run("start", START, StartBenchSettings.class, StartBench::run, rest, out);
          yield 0;
        }
        case "path" -> {
          run("path", PATH, PathBenchSettings.class, PathBench::run, rest, out);
          yield 0;
        }
        case "transport" -> {
          run("transport", TRANSPORT, TransportBenchSettings.class, TransportBench::run, rest, out);
          yield 0;
        }
        case "swarm" -> {
          run("swarm", SWARM, SwarmBenchSettings.class, SwarmBench::run, rest, out);
          yield 0;
        }
        case "small" -> {
          run("small", SMALL, SmallBenchSettings.class, SmallBench::run, rest, out);
          yield 0;
        }
        case "layer" -> {
          run("layer", LAYER, LayerBenchSettings.class, LayerBench::run, rest, out);
          yield 0;
        }
        case "sim" -> {
          run("sim", SIM, SimBenchSettings.class, SimBench::run, rest, out);
          yield 0;
        }
        case "chart" -> {
          run("chart", CHART, ChartBenchSettings.class, ChartBench::run, rest, out);
          yield 0;
        }
        default -> {
          err.println("longshore bench: there is no benchmark '" + arguments[0] + "'");
          err.print(USAGE);
          yield 2;
        }
      };
    } catch (SettingsException e) {
      err.println("longshore bench " + arguments[0] + ": " + e.getMessage());
      return 2;
    } catch (MissingToolException e) {
      err.println("longshore bench " + arguments[0] + ": " + e.getMessage());
      return 1;
    } catch (Exception e) {
      err.println("longshore bench " + arguments[0] + " failed: " + e.getMessage());
      e.printStackTrace(err);
      return 1;
    }
  }

  /** One of the benchmarks. */
  private interface Benchmark<S> {
    void run(S settings, PrintStream out) throws Exception;
  }

  private static <S extends Record> void run(
      String name,
      String summary,
      Class<S> type,
      Benchmark<S> benchmark,
      String[] arguments,
      PrintStream out)
      throws Exception {
    List<Class<? extends Record>> types = List.of(type);
    Settings settings = Settings.parse(types, arguments);
    if (settings.helpRequested()) {
      out.print(Settings.help("longshore bench " + name, summary, types));
      return;
    }
    benchmark.run(settings.get(type), out);
  }
}
