package dev.longshore.seeder;

import dev.longshore.service.Daemon;

/** The command {@code seeder}. */
public final class SeederMain {
  private SeederMain() {}

  public static void main(String[] arguments) {
    Daemon.run(
        "seeder",
        "Fetches what agents want from its source once, and seeds it; makes and signs piece maps"
            + " for foreign registries.",
        SeederConfig.class,
        arguments,
        Seeder::start);
  }
}
