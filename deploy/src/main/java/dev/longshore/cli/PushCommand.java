package dev.longshore.cli;

import dev.longshore.oci.Digest;
import dev.longshore.oci.Reference;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.layout.ImageLayout;
import dev.longshore.oci.layout.ImagePusher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code longshore push}. */
@Command(
    name = "push",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "push an image from an OCI layout to a registry; what it has is not sent again",
    footer = {
      "",
      "Logins are those of docker login (DOCKER_CONFIG, else ~/.docker/config.json).",
    })
final class PushCommand implements Callable<Integer> {
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

  @Parameters(index = "0", paramLabel = "DIR", description = "the OCI layout")
  @SuppressWarnings("NullAway.Init") // picocli demands it
  private Path directory;

  @Parameters(
      index = "1",
      paramLabel = "REFERENCE",
      description = "such as registry.example/app:v1")
  @SuppressWarnings("NullAway.Init") // picocli demands it
  private String image;

  @Override
  public Integer call() throws IOException {
    Reference reference = ReferenceArgument.parse(image);
    ImageLayout layout = ImageLayout.open(directory);
    try (RegistryClient client = RegistryLogins.client(reference.registry(), plainHttp).build();
        TransferBar bar = new TransferBar()) {
      Digest pushed =
          new ImagePusher(client, BLOBS_AT_A_TIME)
              .push(
                  layout,
                  layout.resolve(name),
                  reference.repository(),
                  reference.target(),
                  null,
                  bar);
      System.out.println(pushed);
      return 0;
    }
  }
}
