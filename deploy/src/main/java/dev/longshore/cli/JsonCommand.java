package dev.longshore.cli;

import dev.longshore.cli.progress.AgentFigures;
import dev.longshore.cli.progress.JsonLines;
import dev.longshore.cli.progress.LiveTransfer;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/** A command that can speak to machines. */
abstract class JsonCommand implements Callable<Integer> {
  private static final int AFTER_ITS_OWN = 1; // in the help, whose other options have no order

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli before anything runs
  private CommandSpec spec;

  @Option(
      names = "--json",
      order = AFTER_ITS_OWN,
      description = "JSON on standard output, one object a line, the last of them the result")
  private boolean json;

  /** Whether standard output is JSON, one object a line, also for a failure. */
  final boolean json() {
    return json;
  }

  final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  final PrintWriter err() {
    return spec.commandLine().getErr();
  }

  /** To be thrown when the arguments are wrong in a way that picocli cannot see. */
  final ParameterException misused(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /** As above. */
  final ParameterException misused(IllegalArgumentException cause) {
    return new ParameterException(spec.commandLine(), String.valueOf(cause.getMessage()), cause);
  }

  /**
   * Begins a transfer that is shown to the user.
   *
   * @param figures tells where bytes come from; null when nobody does
   */
  final LiveTransfer begin(@Nullable AgentFigures figures) {
    return LiveTransfer.begin(figures, json, out(), err());
  }

  /**
   * Ends a transfer well and prints its result: for machines with its figures, else {@code plain}.
   */
  final void finish(LiveTransfer live, ObjectNode result, Object plain) {
    live.finish(result);
    if (json) {
      new JsonLines(out()).print(result);
    } else {
      out().println(plain);
    }
  }
}
