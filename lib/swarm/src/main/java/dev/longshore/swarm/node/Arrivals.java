package dev.longshore.swarm.node;

import dev.longshore.swarm.Priority;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Numbers for what queues up: the lowest is served first. Who is less urgent is overtaken by a
 * bounded number of those that come later, and so is never starved. Thread-safe.
 */
final class Arrivals {
  /** So many later ones go first for each class that they are above. */
  private static final int OVERTAKING = 64;

  private final AtomicLong count = new AtomicLong();

  long order(Priority priority) {
    return count.incrementAndGet() + (long) OVERTAKING * priority.rank();
  }
}
