package dev.longshore.cli;

import dev.longshore.cli.rehearsal.Rehearsal;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code longshore prepare}. */
@Command(
    name = "prepare",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "rehearse all daemons once, so that they start in half the time",
    footer = {
      "",
      "Runs origin, tracker, seeder and two agents for some seconds, and keeps one start cache a",
      "kind of daemon: classes as the JVM loaded them, and what was worth compiling. The launcher",
      "does it after each build. A cache of another build, JDK or set of flags is not used.",
    })
final class PrepareCommand implements Callable<Integer> {
  @Option(
      names = "--output",
      paramLabel = "DIR",
      defaultValue = "${sys:longshore.start-caches}",
      required = true,
      description = "where the caches go (default: where the launcher looks for them)")
  @SuppressWarnings("NullAway.Init") // picocli demands it
  private Path output;

  @Override
  public Integer call() throws Exception {
    Rehearsal.run(output.toAbsolutePath());
    return 0;
  }
}
