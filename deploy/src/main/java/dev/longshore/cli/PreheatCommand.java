package dev.longshore.cli;

import dev.longshore.cli.preheat.Preheat;
import dev.longshore.cli.preheat.PreheatOrder;
import dev.longshore.oci.Reference;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.service.unit.HostAndPort;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code longshore preheat}. */
@Command(
    name = "preheat",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "have an image on members of the swarm before it is wanted",
    footer = {
      "",
      "Each member looks the image up at its registry as --upstream of it says, fetches what it",
      "lacks out of the swarm, and keeps it. It goes on when this command is ended; asked again, it",
      "goes on from where it is. Exits with 1 and names the members that failed.",
      "",
      "A registry that wants a login is shown yours (of --registry-auth) through an agent on this",
      "machine only, unless --send-login is given; a seeder has its own.",
      "",
      "  longshore preheat registry.example/app:v2 --agents 10.0.0.11:7309,10.0.0.12:7309",
    })
final class PreheatCommand extends JsonCommand {

  @Option(
      names = "--agents",
      paramLabel = "HOST:PORT",
      split = ",",
      description = "the agents' admin addresses, with commas between them")
  private List<HostAndPort> agents = new ArrayList<>();

  @Option(
      names = "--seeder",
      paramLabel = "HOST:PORT",
      split = ",",
      description = "the seeder's admin address")
  private List<HostAndPort> seeders = new ArrayList<>();

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH",
      description = "which image of several (default: each member's own); 'all' for all of them")
  private @Nullable PlatformArgument platform;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      defaultValue = "2m",
      description =
          "how long a member may get nothing before it counts as failed (default: ${DEFAULT-VALUE})")
  @SuppressWarnings("NullAway.Init") // it has a default
  private Duration timeout;

  @Mixin
  @SuppressWarnings("NullAway.Init") // set by picocli before anything runs
  private RegistryLogins logins;

  @Option(
      names = "--send-login",
      description = "send the login to agents on other machines too; nothing encrypts it")
  private boolean sendLogin;

  @Parameters(
      index = "0",
      paramLabel = "REFERENCE",
      description = "such as registry.example/app:v1")
  @SuppressWarnings("NullAway.Init") // picocli demands it
  private Reference reference;

  @Override
  public Integer call() throws InterruptedException {
    List<HostAndPort> members =
        Stream.concat(agents.stream(), seeders.stream()).distinct().toList();
    if (members.isEmpty()) {
      throw misused("who is to have it? Name --agents HOST:PORT,… or --seeder HOST:PORT");
    }
    List<String> failed;
    try (RegistryClient registry = logins.client(reference.registry(), false).build()) {
      PreheatOrder order =
          new PreheatOrder(
              reference.toString(),
              Optional.ofNullable(platform).map(PlatformArgument::toString),
              timeout,
              challenges -> registry.authorization(reference.repository(), challenges),
              sendLogin);
      failed = new Preheat(order, members).run(json(), out(), err());
    }
    if (failed.isEmpty()) {
      return 0;
    }
    err()
        .println(
            "longshore preheat: "
                + failed.size()
                + " of "
                + members.size()
                + " members failed: "
                + String.join(", ", failed));
    return 1;
  }
}
