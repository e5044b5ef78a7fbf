package dev.longshore.cli;

import dev.longshore.cli.progress.JsonLines;
import dev.longshore.cli.progress.LiveTransfer;
import dev.longshore.oci.Digest;
import dev.longshore.oci.Reference;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.layout.ImageLayout;
import dev.longshore.oci.layout.ImagePusher;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code longshore push}. */
@Command(
    name = "push",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "push an image from an OCI layout to a registry; what it has is not sent again",
    footer = {
      "",
      "Prints the image's digest. A blob that was cut goes on where the registry says it stopped.",
      "",
      "  longshore push oci:app registry.example/app:v1",
    })
final class PushCommand extends JsonCommand {
  private static final int BLOBS_AT_A_TIME = 3;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "which image of the layout, by the name in its index (default: the only one)")
  private @Nullable String name;

  @Option(
      names = "--plain-http",
      description = "speak HTTP to a registry that is not on a loopback address")
  private boolean plainHttp;

  @Mixin
  @SuppressWarnings("NullAway.Init") // set by picocli before anything runs
  private RegistryLogins logins;

  @Parameters(
      index = "0",
      paramLabel = "oci:DIR",
      converter = LayoutArgument.class,
      description = "the OCI layout")
  @SuppressWarnings("NullAway.Init") // picocli demands it
  private Path directory;

  @Parameters(
      index = "1",
      paramLabel = "REFERENCE",
      description = "such as registry.example/app:v1")
  @SuppressWarnings("NullAway.Init") // picocli demands it
  private Reference reference;

  @Override
  public Integer call() throws IOException {
    ImageLayout layout = ImageLayout.open(directory);
    try (RegistryClient client = logins.client(reference.registry(), plainHttp).build();
        LiveTransfer live = begin(null)) {
      Digest pushed =
          new ImagePusher(client, BLOBS_AT_A_TIME)
              .push(
                  layout,
                  layout.resolve(name),
                  reference.repository(),
                  reference.target(),
                  null,
                  live.progress());
      ObjectNode result =
          JsonLines.event("result")
              .put("image", reference.toString())
              .put("digest", pushed.toString());
      finish(live, result, pushed);
      return 0;
    }
  }
}
