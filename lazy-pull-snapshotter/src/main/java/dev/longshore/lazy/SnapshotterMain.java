package dev.longshore.lazy;

import dev.longshore.service.Daemon;

/** The command {@code longshore snapshotter}. */
public final class SnapshotterMain {
  private SnapshotterMain() {}

  public static void main(String[] arguments) {
    Daemon.run(
        "snapshotter",
        "Runs on a node as containerd's snapshotter: mounts the layers of an image before they are"
            + " here, and fetches what is read.",
        SnapshotterConfig.class,
        arguments,
        Snapshotter::start);
  }
}
