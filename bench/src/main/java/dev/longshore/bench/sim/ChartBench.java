package dev.longshore.bench.sim;

import dev.longshore.bench.chart.Axis;
import dev.longshore.bench.chart.Line;
import dev.longshore.bench.chart.Line.Point;
import dev.longshore.bench.chart.LineChart;
import dev.longshore.bench.measure.Table;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Plays the same image to more and more nodes, and draws what came of it beside the bound. */
public final class ChartBench {
  /** Between two powers of ten of nodes. */
  private static final double STEP = Math.sqrt(10);

  private static final int FEWEST = 10;

  private static final long MEGABYTE = 1_000_000;

  /** Points of a line of progress. */
  private static final int MOMENTS = 120;

  private final ChartBenchSettings settings;
  private final PrintStream out;
  private final List<Point> median = new ArrayList<>();
  private final List<Point> last = new ArrayList<>();

  private ChartBench(ChartBenchSettings settings, PrintStream out) {
    this.settings = settings;
    this.out = out;
  }

  /**
   * Simulates and writes the chart.
   *
   * @throws IllegalStateException if some node did not get everything
   */
  public static void run(ChartBenchSettings settings, PrintStream out) throws IOException {
    new ChartBench(settings, out).draw();
  }

  private void draw() throws IOException {
    Table table = new Table("nodes", "p50 ÷ bound", "p99 ÷ bound", "last ÷ bound", "wall time, s");
    for (int nodes : counts()) {
      completion(nodes, table);
    }
    LineChart progress = progress();
    out.println();
    table.print(out);
    Files.writeString(settings.out(), LineChart.svg(List.of(progress, completions())));
    out.println();
    out.println("The chart is " + settings.out());
  }

  /** 10, 32, 100, and so on. */
  private List<Integer> counts() {
    return IntStream.iterate(0, power -> power + 1)
        .map(power -> (int) Math.round(FEWEST * Math.pow(STEP, power)))
        .takeWhile(nodes -> nodes <= settings.most())
        .boxed()
        .toList();
  }

  private void completion(int nodes, Table table) {
    out.printf(Locale.ROOT, "%,d nodes%n", nodes);
    long began = System.nanoTime();
    SimResult result = finished(new Simulation(settings.plan(nodes)));
    double wall = (System.nanoTime() - began) / 1e9;
    double bound = result.bound();
    table.row(
        String.format(Locale.ROOT, "%,d", nodes),
        Table.ratio(result.percentile(50), bound),
        Table.ratio(result.percentile(99), bound),
        Table.ratio(result.percentile(100), bound),
        Table.figure(wall));
    median.add(new Point(nodes, result.percentile(50) / bound));
    last.add(new Point(nodes, result.percentile(100) / bound));
  }

  private static SimResult finished(Simulation simulation) {
    SimResult result = simulation.run(now -> {});
    if (result.unfinished() > 0) {
      throw new IllegalStateException(result.unfinished() + " nodes did not get everything");
    }
    return result;
  }

  private LineChart completions() {
    double to = 1.5;
    for (Point point : last) {
      to = Math.max(to, Math.ceil(10 * point.y()) / 10);
    }
    List<Double> decades =
        counts().stream().map(Integer::doubleValue).filter(ChartBench::isDecade).toList();
    Axis nodes = new Axis("nodes that pull at once", FEWEST, settings.most(), true, decades);
    Axis times = new Axis("time ÷ (size ÷ link)", 0, to, false, List.of(0.0, 0.5, 1.0, 1.5));
    return new LineChart(
        "Until all is there, by nodes",
        nodes,
        times,
        List.of(
            new Line("last node", last, false),
            new Line("median node", median, false),
            new Line(
                "no swarm is faster",
                List.of(new Point(FEWEST, 1), new Point(settings.most(), 1)),
                true)));
  }

  private static boolean isDecade(double nodes) {
    double power = Math.log10(nodes);
    return Math.abs(power - Math.rint(power)) < 1e-9;
  }

  private LineChart progress() {
    out.printf(Locale.ROOT, "Progress of %,d nodes%n", settings.nodes());
    SimPlan plan = settings.plan(settings.nodes());
    Simulation simulation = new Simulation(plan);
    SimResult result = finished(simulation);
    double end = Math.ceil(20 * result.percentile(100)) / 20;
    List<Point> middle = new ArrayList<>();
    List<Point> slowest = new ArrayList<>();
    for (int moment = 0; moment <= MOMENTS; moment++) {
      double seconds = end * moment / MOMENTS;
      double[] parts = simulation.progress(Math.round(seconds * 1e9));
      middle.add(new Point(seconds, 100 * parts[parts.length / 2]));
      slowest.add(new Point(seconds, 100 * parts[0]));
    }
    Axis time = new Axis("seconds", 0, end, false, ticks(end));
    Axis share = new Axis("% of the image", 0, 100, false, List.of(0.0, 25.0, 50.0, 75.0, 100.0));
    return new LineChart(
        String.format(
            Locale.ROOT,
            "%,d nodes pull %,d MB at %,d MB/s",
            plan.nodes(),
            plan.size() / MEGABYTE,
            plan.rate() / MEGABYTE),
        time,
        share,
        List.of(
            new Line("slowest node", slowest, false),
            new Line("median node", middle, false),
            new Line(
                "a full link", List.of(new Point(0, 0), new Point(result.bound(), 100)), true)));
  }

  private static List<Double> ticks(double end) {
    double step = Math.pow(10, Math.floor(Math.log10(end)));
    if (end / step < 3) {
      step /= 2;
    }
    List<Double> ticks = new ArrayList<>();
    for (double at = 0; at <= end; at += step) {
      ticks.add(at);
    }
    return ticks;
  }
}
