package dev.longshore.cli.standalone;

import dev.longshore.service.Daemon;

/** The command {@code standalone}. */
public final class StandaloneMain {
  private StandaloneMain() {}

  /** Runs until it is told to stop. */
  public static void main(String[] arguments) {
    Daemon.run(
        "standalone",
        "Runs a registry, a tracker and an agent in one process: push to --listen, and point"
            + " containerd's hosts.toml at --mirror.",
        StandaloneConfig.class,
        arguments,
        Standalone::start);
  }
}
