package dev.longshore.cli;

import dev.longshore.cli.demo.Demo;
import dev.longshore.cli.demo.DemoSettings;
import dev.longshore.oci.Reference;
import dev.longshore.service.net.RateLimit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code longshore demo}. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "the whole system on this machine, on a real image, and who got what from whom",
    },
    footer = {
      "",
      "Builds an image of this machine's JDK and of Longshore itself, starts origin, tracker, seeder",
      "and agents as processes of their own, pushes, and pulls through all agents at once: as root",
      "with containerd through as many private containerd instances, in which a container of the",
      "image is then run; else through HTTP clients that check every digest. Leaves nothing behind.",
      "",
      "Exits with 1 when a digest or a container's output was wrong, or when the source sent more",
      "than 1.1 times the image.",
    })
final class DemoCommand implements Callable<Integer> {

  @Option(
      names = "--agents",
      paramLabel = "N",
      defaultValue = "3",
      description = "how many nodes pull at once (default: 3)")
  private int agents;

  @Option(
      names = "--image",
      paramLabel = "oci:DIR|REFERENCE",
      description = "this image instead of one made on the spot; its containers are not run")
  private @Nullable String image;

  @Option(names = "--keep", description = "stay up afterwards, until Ctrl-C")
  private boolean keep;

  @Option(
      names = "--install",
      description = "first install the Debian packages that real nodes need (as root)")
  @SuppressWarnings("UnusedVariable") // the launcher has done it before this JVM started
  private boolean install;

  @Option(
      names = "--upload-limit",
      paramLabel = "RATE",
      description = "of each agent, such as 20MiB/s")
  private @Nullable String uploadLimit;

  @Option(
      names = "--download-limit",
      paramLabel = "RATE",
      description = "of each agent, such as 20MiB/s")
  private @Nullable String downloadLimit;

  @Override
  public Integer call() throws Exception {
    List<String> agentFlags = new ArrayList<>();
    addLimit(agentFlags, "--upload-limit", uploadLimit);
    addLimit(agentFlags, "--download-limit", downloadLimit);
    return new Demo(settings(agentFlags), System.out).run() ? 0 : 1;
  }

  /** Checked here: an agent would find a wrong one only when everything else has been started. */
  private static void addLimit(List<String> flags, String flag, @Nullable String rate) {
    if (rate == null) {
      return;
    }
    try {
      var _ = RateLimit.parse(rate);
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(flag + ": " + e.getMessage());
    }
    flags.addAll(List.of(flag, rate));
  }

  private DemoSettings settings(List<String> agentFlags) {
    try {
      if (image != null && !image.startsWith("oci:")) {
        var _ = Reference.parse(image);
      }
      return new DemoSettings(
          agents, Optional.ofNullable(image), keep, agentFlags, CacheFolder.path());
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(String.valueOf(e.getMessage()));
    }
  }
}
