package dev.longshore.bench.sim;

import dev.longshore.bench.measure.Table;
import dev.longshore.service.unit.DataRate;
import dev.longshore.service.unit.DataSize;
import java.io.PrintStream;
import java.util.Locale;

/** Plays a scenario in virtual time and prints what came of it beside the bound. */
public final class SimBench {
  private static final long NANOS = 1_000_000_000;
  private static final long PROGRESS = 5 * NANOS;

  private final SimPlan plan;
  private final PrintStream out;
  private final long began = System.nanoTime();
  private long told = began;

  private SimBench(SimPlan plan, PrintStream out) {
    this.plan = plan;
    this.out = out;
  }

  /**
   * Simulates and prints the table.
   *
   * @throws IllegalStateException if some node did not get everything
   */
  public static void run(SimBenchSettings settings, PrintStream out) {
    new SimBench(settings.plan(), out).play(settings.scenario());
  }

  private void play(Scenario scenario) {
    out.println(scenario.summary());
    out.printf(
        Locale.ROOT,
        "%,d nodes, %s in %d layers of which %d are there, %s each, source %s, seed %d%n",
        plan.nodes(),
        new DataSize(plan.size()),
        plan.layers(),
        plan.layersHeld(),
        new DataRate(plan.rate()),
        plan.sourceRate() == 0 ? "closed" : new DataRate(plan.sourceRate()),
        plan.seed());
    Simulation simulation = new Simulation(plan);
    SimResult result = simulation.run(this::progress);
    double wall = (System.nanoTime() - began) / 1e9;
    out.println();
    times(result).print(out);
    out.println();
    counts(result, wall).print(out);
    if (result.unfinished() > 0) {
      throw new IllegalStateException(
          result.unfinished()
              + " nodes did not get everything in "
              + simulation.now() / NANOS
              + " s");
    }
  }

  private void progress(Simulation simulation) {
    long now = System.nanoTime();
    if (now - told >= PROGRESS) {
      told = now;
      double stored = simulation.tally().piecesStored;
      double all =
          (double) plan.nodes() * simulation.blobs().stream().mapToInt(SimBlob::pieces).sum();
      out.printf(
          Locale.ROOT,
          "%6.2f s simulated, %5.1f %% of all pieces, %,d nodes to go, %,d events, %.0f s passed%n",
          simulation.now() / 1e9,
          100 * stored / all,
          simulation.unfinished(),
          simulation.events().executed(),
          (now - began) / 1e9);
    }
  }

  private static Table times(SimResult result) {
    Table table = new Table("from a node's start until it has all", "s", "÷ bound");
    row(table, "bound: size ÷ capacity", result, result.bound());
    row(table, "p50", result, result.percentile(50));
    row(table, "p90", result, result.percentile(90));
    row(table, "p99", result, result.percentile(99));
    row(table, "last one", result, result.percentile(100));
    return table;
  }

  private static void row(Table table, String what, SimResult result, double seconds) {
    table.row(what, Table.figure(seconds), Table.ratio(seconds, result.bound()));
  }

  private Table counts(SimResult result, double wall) {
    Table table =
        new Table("", "")
            .row("source sent, copies of what is pulled", Table.figure(result.sourceCopies()))
            .row("crossed zones, copies", Table.figure(result.crossZoneCopies()))
            .row("crossed zones, % of what peers sent", percent(result.crossZoneShare()))
            .row("pieces that came twice, %", percent(result.duplicates()))
            .row("pieces asked of a second peer, %", percent(result.hedges()))
            .row("requests answered BUSY", count(result.busy()))
            .row("requests for pieces on their way to others", count(result.refusedAgain()))
            .row("sent again by holders before each was sent once", count(result.repeats()));
    if (result.poisoners() > 0) {
      table
          .row("nodes that sent wrong bytes", count(result.poisoners()))
          .row("of them shut out by somebody", count(result.poisonersBanned()))
          .row("honest nodes shut out", count(result.honestBanned()))
          .row("pieces that did not match", count(result.corruptPieces()));
    }
    return table
        .row("events", count(result.events()))
        .row("wall time, s", Table.figure(wall))
        .row("events a second", count(Math.round(result.events() / wall)));
  }

  private static String percent(double share) {
    return Table.figure(100 * share);
  }

  private static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
