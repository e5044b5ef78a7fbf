package dev.longshore.swarm.node;

import dev.longshore.swarm.PeerId;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** Who is shut out, and until when; by peer id and by address. Thread-safe. */
final class BanList {
  /*
   * A peer draws its own id, so a ban on the id alone keeps out nobody who means harm. Off loopback
   * an address is a node; on loopback it is every member of this machine, so there only the port
   * that the peer listens on tells it apart.
   */
  private static final int MOST = 4096;

  /** An address with the port that matters, 0 where it does not. */
  private record Place(InetAddress address, int port) {
    static Place of(InetAddress address, int listenPort) {
      return new Place(address, address.isLoopbackAddress() ? listenPort : 0);
    }
  }

  private final LongSupplier clock;
  private final Map<Object, Long> until = new HashMap<>();

  /**
   * An empty list.
   *
   * @param clock nanoseconds, monotonic
   */
  BanList(LongSupplier clock) {
    this.clock = clock;
  }

  synchronized void ban(PeerId id, InetAddress address, int listenPort, Duration time) {
    long now = clock.getAsLong();
    until.values().removeIf(end -> end - now <= 0);
    while (until.size() > MOST - 2) {
      until.entrySet().stream()
          .min(Comparator.comparingLong(entry -> entry.getValue() - now))
          .ifPresent(first -> until.remove(first.getKey()));
    }
    until.put(id, now + time.toNanos());
    until.put(Place.of(address, listenPort), now + time.toNanos());
  }

  synchronized boolean isBanned(PeerId id) {
    return isHeld(id);
  }

  synchronized boolean isBanned(InetAddress address, int listenPort) {
    return isHeld(Place.of(address, listenPort));
  }

  synchronized int size() {
    return until.size();
  }

  private boolean isHeld(Object key) {
    Long end = until.get(key);
    return end != null && end - clock.getAsLong() > 0;
  }
}
