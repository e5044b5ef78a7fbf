package dev.longshore.cli;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Platform;
import dev.longshore.oci.Reference;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.client.RegistryUnreachableException;
import dev.longshore.oci.layout.ImageLayout;
import dev.longshore.oci.layout.ImagePuller;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code longshore pull}. */
@Command(
    name = "pull",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "fetch an image into an OCI layout, through a local agent and so out of the swarm",
    footer = {
      "",
      "Every blob is verified. A pull that was cut goes on where it stopped when it is run again.",
      "Logins are those of docker login (DOCKER_CONFIG, else ~/.docker/config.json).",
    })
final class PullCommand implements Callable<Integer> {
  private static final int BLOBS_AT_A_TIME = 3;

  @Option(
      names = "--agent",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:7300",
      description = "the agent's mirror (default: ${DEFAULT-VALUE})")
  private @Nullable URI agent;

  @Option(names = "--direct", description = "straight from the registry, past any agent")
  private boolean direct;

  @Option(
      names = "--plain-http",
      description = "with --direct: speak HTTP to a registry that is not on a loopback address")
  private boolean plainHttp;

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH",
      description = "which image of several (default: this machine's); 'all' for all of them")
  private @Nullable String platform;

  @Parameters(
      index = "0",
      paramLabel = "REFERENCE",
      description = "such as registry.example/app:v1")
  @SuppressWarnings("NullAway.Init") // picocli demands it
  private String image;

  @Parameters(index = "1", paramLabel = "DIR", description = "the OCI layout, made when missing")
  @SuppressWarnings("NullAway.Init") // picocli demands it
  private Path directory;

  @Override
  public Integer call() throws IOException {
    Reference reference = ReferenceArgument.parse(image);
    try (RegistryClient client = client(reference);
        TransferBar bar = new TransferBar()) {
      Descriptor pulled =
          new ImagePuller(client, BLOBS_AT_A_TIME)
              .pull(
                  reference.repository(),
                  reference.target(),
                  wanted(),
                  ImageLayout.create(directory),
                  reference.target().toString(),
                  bar);
      System.out.println(pulled.digest());
      return 0;
    } catch (RegistryUnreachableException e) {
      if (direct) {
        throw e;
      }
      throw new CommandFailedException(
          "no agent answers at " + agent + "; --agent URL names another, --direct does without", e);
    }
  }

  private @Nullable Platform wanted() {
    if (platform == null) {
      return Platform.current();
    }
    return platform.equals("all") ? null : Platform.parse(platform);
  }

  private RegistryClient client(Reference reference) {
    if (direct || agent == null) {
      return RegistryLogins.client(reference.registry(), plainHttp).build();
    }
    return RegistryClient.builder(agent)
        .mirrorOf(reference.registry())
        .credentials(RegistryLogins.source())
        .build();
  }
}
