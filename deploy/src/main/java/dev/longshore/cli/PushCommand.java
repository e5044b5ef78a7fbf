package dev.longshore.cli;

import dev.longshore.cli.progress.JsonLines;
import dev.longshore.cli.progress.LiveTransfer;
import dev.longshore.oci.Digest;
import dev.longshore.oci.Reference;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.layout.ImageLayout;
import dev.longshore.oci.layout.ImagePusher;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
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
final class PushCommand implements Callable<Integer>, JsonCommand {
  private static final int BLOBS_AT_A_TIME = 3;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli before anything runs
  private CommandSpec spec;

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

  @Option(
      names = "--json",
      description = "one JSON object a line on standard output: progress, at last the result")
  private boolean json;

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
      converter = ReferenceArgument.class,
      description = "such as registry.example/app:v1")
  @SuppressWarnings("NullAway.Init") // picocli demands it
  private Reference reference;

  @Override
  public boolean json() {
    return json;
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    ImageLayout layout = ImageLayout.open(directory);
    try (RegistryClient client = logins.client(reference.registry(), plainHttp).build();
        LiveTransfer live = LiveTransfer.begin(null, json, out, spec.commandLine().getErr())) {
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
      live.finish(result);
      if (json) {
        new JsonLines(out).print(result);
      } else {
        out.println(pushed);
      }
      return 0;
    }
  }
}
