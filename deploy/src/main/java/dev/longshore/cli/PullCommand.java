package dev.longshore.cli;

import dev.longshore.cli.progress.JsonLines;
import dev.longshore.cli.progress.LiveTransfer;
import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Reference;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.client.RegistryUnreachableException;
import dev.longshore.oci.layout.ImageLayout;
import dev.longshore.oci.layout.ImagePuller;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

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
      "Prints the image's digest. Progress goes to standard error: a bar on a terminal, elsewhere a",
      "line every three seconds.",
      "",
      "  longshore pull registry.example/app:v1 --output oci:app",
    })
final class PullCommand extends JsonCommand {
  private static final int BLOBS_AT_A_TIME = 3;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "oci:DIR",
      required = true,
      converter = LayoutArgument.class,
      description = "the OCI layout, made when missing")
  @SuppressWarnings("NullAway.Init") // picocli demands it
  private Path output;

  @Mixin
  @SuppressWarnings("NullAway.Init") // set by picocli before anything runs
  private AgentAccess access;

  @Mixin
  @SuppressWarnings("NullAway.Init") // set by picocli before anything runs
  private PlatformChoice platform;

  @Parameters(
      index = "0",
      paramLabel = "REFERENCE",
      description = "such as registry.example/app:v1")
  @SuppressWarnings("NullAway.Init") // picocli demands it
  private Reference reference;

  @Override
  public Integer call() throws IOException {
    try (RegistryClient client = access.client(reference.registry());
        RegistryClient asked = access.figuresClient(reference.registry());
        LiveTransfer live = begin(AgentAccess.figures(asked, reference.repository()))) {
      Descriptor pulled =
          new ImagePuller(client, BLOBS_AT_A_TIME)
              .pull(
                  reference.repository(),
                  reference.target(),
                  platform.one(),
                  ImageLayout.create(output),
                  reference.target().toString(),
                  live.progress());
      ObjectNode result =
          JsonLines.event("result")
              .put("image", reference.toString())
              .put("digest", pulled.digest().toString())
              .put("output", "oci:" + output);
      finish(live, result, pulled.digest());
      return 0;
    } catch (RegistryUnreachableException e) {
      throw access.explained(e);
    }
  }
}
