package dev.longshore.tracker;

import dev.longshore.service.Daemon;

/** The command {@code longshore tracker}. */
public final class TrackerMain {
  private TrackerMain() {}

  public static void main(String[] arguments) {
    Daemon.run(
        "tracker",
        "Tells the members of the swarm who has what, hands on piece maps, and says who may read"
            + " what from the source.",
        TrackerConfig.class,
        arguments,
        (config, metrics) -> Tracker.start(config, metrics));
  }
}
