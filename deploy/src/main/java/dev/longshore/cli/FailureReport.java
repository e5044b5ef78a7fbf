package dev.longshore.cli;

import dev.longshore.cli.progress.JsonLines;
import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Tells a failure in one line; a defect of ours with its stack trace. */
final class FailureReport implements IExecutionExceptionHandler {

  @Override
  public int handleExecutionException(Exception failure, CommandLine line, ParseResult parsed) {
    switch (failure) {
      case CommandFailedException expected -> tell(line, expected);
      case IOException expected -> tell(line, expected);
      case InterruptedException _ -> line.getErr().println("longshore: interrupted");
      default -> failure.printStackTrace(line.getErr());
    }
    line.getErr().flush();
    if (line.getCommand() instanceof JsonCommand command && command.json()) {
      new JsonLines(line.getOut()).print(JsonLines.event("failed").put("error", describe(failure)));
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  private static void tell(CommandLine line, Exception failure) {
    line.getErr().println("longshore " + line.getCommandName() + ": " + describe(failure));
    String said = describe(failure);
    for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
      if (!said.endsWith(describe(cause))) {
        said = describe(cause);
        line.getErr().println("  because: " + said);
      }
    }
  }

  /**
   * Our own messages stand alone; of the JDK's many say only a file name, and their kind is half of
   * the message. A plain IOException is ours, or has the kernel's words.
   */
  private static String describe(Throwable failure) {
    String message = failure.getMessage();
    if (message != null
        && (failure.getClass() == IOException.class
            || failure.getClass().getPackageName().startsWith("dev.longshore."))) {
      return message;
    }
    return failure.getClass().getSimpleName() + (message == null ? "" : ": " + message);
  }
}
