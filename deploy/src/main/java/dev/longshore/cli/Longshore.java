package dev.longshore.cli;

import java.util.Arrays;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Spec;

/** The {@code longshore} program: finds the command that was named and runs it. */
@Command(
    name = "longshore",
    mixinStandardHelpOptions = true,
    versionProvider = Longshore.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    header =
        "Gets container images onto Kubernetes nodes, piece by verified piece, from each other.",
    footer = {
      "",
      "longshore COMMAND --help tells what a command takes. Settings may also stand in a YAML file",
      "(--config FILE); flags win over it."
    })
public final class Longshore implements Runnable {

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli before anything runs
  private CommandSpec spec;

  /** Runs the command that {@code args} names and exits with its code. */
  public static void main(String[] args) throws Exception {
    Optional<Daemon> daemon = args.length == 0 ? Optional.empty() : Daemon.named(args[0]);
    if (daemon.isPresent()) {
      // A daemon parses its own settings: the same flags as in its YAML file, with their own help.
      daemon.get().main().run(Arrays.copyOfRange(args, 1, args.length));
      return;
    }
    int code = commandLine().execute(args);
    System.out.flush();
    System.exit(code);
  }

  /** The whole command tree, for {@link #main} and for tests of the help texts. */
  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Longshore());
    for (Daemon daemon : Daemon.ALL) {
      // Listed for the help page only; main has handed these over before picocli sees them.
      CommandSpec listed = CommandSpec.create();
      listed.usageMessage(new UsageMessageSpec().description(daemon.summary()));
      line.addSubcommand(daemon.name(), listed);
    }
    line.addSubcommand(new PullCommand());
    line.addSubcommand(new GetCommand());
    line.addSubcommand(new PushCommand());
    line.addSubcommand(new PreheatCommand());
    line.addSubcommand(new StatusCommand());
    line.addSubcommand(new DoctorCommand());
    line.addSubcommand(new DemoCommand());
    line.addSubcommand(new PrepareCommand());
    line.addSubcommand("test", TestListing.class);
    ArgumentTypes.register(line);
    line.setUsageHelpWidth(100);
    line.setExecutionExceptionHandler(new FailureReport());
    line.setParameterExceptionHandler(new UsageReport());
    return line;
  }

  @Override
  public void run() {
    spec.commandLine().usage(System.out);
  }

  /** {@code test} needs Maven, not a JVM: the launcher script runs it before it would come here. */
  @Command(
      name = "test",
      description = "build and pass every test this machine can run; --install adds what they need")
  static final class TestListing implements Runnable {
    @Override
    public void run() {
      throw new CommandFailedException(
          "'test' builds from the source tree: run it by the ./longshore script there");
    }
  }

  /** The version of the jar, and of the JDK under it. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Longshore.class.getPackage().getImplementationVersion();
      return new String[] {
        "longshore " + (version == null ? "(unpacked classes)" : version),
        "JDK " + Runtime.version(),
      };
    }
  }
}
