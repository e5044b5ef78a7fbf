package dev.longshore.swarm.tracker;

import java.util.concurrent.Executor;

/** Threads for what must not hold up a loop: callers' callbacks and signature checks. */
final class Workers {
  private Workers() {}

  /** A virtual thread a task. */
  static final Executor VIRTUAL =
      task -> Thread.ofVirtual().name("tracker-client-callback").start(task);
}
