package dev.longshore.origin;

import dev.longshore.service.Daemon;

/** The command {@code origin}. */
public final class OriginMain {
  private OriginMain() {}

  public static void main(String[] arguments) {
    Daemon.run(
        "origin",
        "The OCI registry that images are pushed to.",
        OriginConfig.class,
        arguments,
        (config, metrics) -> Origin.start(config, metrics, System.out::println));
  }
}
