package dev.longshore.cli;

import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Tells what is wrong with the arguments, and where to read what they can be. */
final class UsageReport implements IParameterExceptionHandler {

  @Override
  public int handleParseException(ParameterException failure, String[] arguments) {
    CommandLine line = failure.getCommandLine();
    String name = line.getCommandSpec().qualifiedName();
    line.getErr().println(name + ": " + failure.getMessage());
    var _ = UnmatchedArgumentException.printSuggestions(failure, line.getErr());
    line.getErr().println("What it takes: " + name + " --help");
    line.getErr().flush();
    return CommandLine.ExitCode.USAGE;
  }
}
