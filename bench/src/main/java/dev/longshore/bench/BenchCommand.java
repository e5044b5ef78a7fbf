package dev.longshore.bench;

import dev.longshore.service.settings.Settings;
import java.io.PrintStream;
import java.util.List;

/**
 * One of the benchmarks.
 *
 * @param name what the user types
 * @param summary one sentence
 * @param settings their type
 * @param benchmark measures and prints its tables
 */
public record BenchCommand<S extends Record>(
    String name, String summary, Class<S> settings, Benchmark<S> benchmark) {

  /** Measures. */
  @FunctionalInterface
  public interface Benchmark<S> {
    void run(S settings, PrintStream out) throws Exception;
  }

  /** Runs with these arguments, or prints its help. */
  void run(String[] arguments, PrintStream out) throws Exception {
    List<Class<? extends Record>> types = List.of(settings);
    Settings given = Settings.parse(types, arguments);
    if (given.helpRequested()) {
      out.print(Settings.help("longshore bench " + name, summary, types));
      return;
    }
    benchmark.run(given.get(settings), out);
  }
}
