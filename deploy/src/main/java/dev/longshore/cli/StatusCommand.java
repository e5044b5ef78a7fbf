package dev.longshore.cli;

import dev.longshore.cli.progress.JsonLines;
import dev.longshore.cli.status.StatusReport;
import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.Reference;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.client.RegistryException;
import dev.longshore.oci.client.RegistryUnreachableException;
import dev.longshore.oci.layout.ImageTree;
import dev.longshore.service.unit.HostAndPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code longshore status}. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "who has what, and what is under way: of a tracker, of an agent, of one image",
    footer = {
      "",
      "Without --tracker and --agent it asks those on this machine at their default addresses. With",
      "a DIGEST or a REFERENCE it tells who has that blob, or the blobs of that image for this",
      "machine's platform (or --platform). While something is under way it looks twice, two seconds",
      "apart, to tell rates.",
      "",
      "  longshore status --tracker 10.0.0.1:7109",
      "  longshore status --agent 127.0.0.1:7309 registry.example/app:v1",
    })
final class StatusCommand extends JsonCommand {
  private static final HostAndPort DEFAULT_TRACKER = new HostAndPort("127.0.0.1", 7109);
  private static final HostAndPort DEFAULT_AGENT = new HostAndPort("127.0.0.1", 7309);
  private static final int KNOCK_MILLIS = 1_000;

  @Option(
      names = "--tracker",
      paramLabel = "HOST:PORT",
      description = "a tracker's admin address, such as 127.0.0.1:7109")
  private @Nullable HostAndPort tracker;

  @Option(
      names = "--agent",
      paramLabel = "HOST:PORT",
      description = "an agent's admin address, such as 127.0.0.1:7309")
  private @Nullable HostAndPort agent;

  @Option(
      names = "--mirror",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:7300",
      converter = AgentAccess.AgentUrl.class,
      description =
          "the agent's mirror that a REFERENCE is looked up through (default: ${DEFAULT-VALUE})")
  @SuppressWarnings("NullAway.Init") // it has a default
  private URI mirror;

  @Option(names = "--direct", description = "look a REFERENCE up at its registry, past any agent")
  private boolean direct;

  @Mixin
  @SuppressWarnings("NullAway.Init") // set by picocli before anything runs
  private PlatformChoice platform;

  @Mixin
  @SuppressWarnings("NullAway.Init") // set by picocli before anything runs
  private RegistryLogins logins;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "DIGEST|REFERENCE",
      description = "a blob, or an image")
  private @Nullable String named;

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<Digest> blobs = named == null ? List.of() : blobs(named);
    Optional<HostAndPort> askedTracker = Optional.ofNullable(tracker);
    Optional<HostAndPort> askedAgent = Optional.ofNullable(agent);
    if (tracker == null && agent == null) {
      askedTracker = ifThere(DEFAULT_TRACKER);
      askedAgent = ifThere(DEFAULT_AGENT);
      if (askedTracker.isEmpty() && askedAgent.isEmpty()) {
        throw new CommandFailedException(
            "neither a tracker at "
                + DEFAULT_TRACKER
                + " nor an agent at "
                + DEFAULT_AGENT
                + " answers; --tracker HOST:PORT or --agent HOST:PORT names another's admin"
                + " address");
      }
    }
    StatusReport report = StatusReport.take(askedTracker, askedAgent, blobs);
    if (json()) {
      ObjectNode event = JsonLines.event("status");
      event.put("named", named);
      event.setAll(report.json());
      new JsonLines(out()).print(event);
    } else {
      report.print(out());
    }
    return 0;
  }

  private static Optional<HostAndPort> ifThere(HostAndPort address) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address.host(), address.port()), KNOCK_MILLIS);
      return Optional.of(address);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private List<Digest> blobs(String name) throws IOException {
    Optional<Digest> digest = Digest.tryParse(name);
    if (digest.isPresent()) {
      return List.of(digest.get());
    }
    Reference reference;
    try {
      reference = Reference.parse(name);
    } catch (IllegalArgumentException e) {
      throw misused(e);
    }
    try (RegistryClient client = client(reference)) {
      return ImageTree.load(
              reference.target(),
              platform.one(),
              wanted -> client.fetchManifest(reference.repository(), wanted).parse())
          .blobs()
          .stream()
          .map(Descriptor::digest)
          .toList();
    } catch (RegistryUnreachableException e) {
      throw direct
          ? e
          : new IOException(
              "no agent answers at "
                  + mirror
                  + " to look "
                  + reference
                  + " up; --mirror URL names another, --direct asks the registry",
              e);
    } catch (RegistryException e) {
      if (e.isNotFound() && reference.digest() != null) {
        return List.of(reference.digest()); // no manifest has it, so it is a blob's
      }
      throw e;
    }
  }

  private RegistryClient client(Reference reference) {
    return direct
        ? logins.client(reference.registry(), false).build()
        : logins.client(reference.registry(), mirror).build();
  }
}
