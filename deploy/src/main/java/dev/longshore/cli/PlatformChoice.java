package dev.longshore.cli;

import dev.longshore.oci.Platform;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that says which image of several is looked at, on this machine's behalf. */
final class PlatformChoice {

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH",
      description = "which image of several (default: this machine's); 'all' for all of them")
  private @Nullable PlatformArgument platform;

  /** The one; null for all of them. */
  @Nullable Platform one() {
    return platform == null ? Platform.current() : platform.one().orElse(null);
  }
}
