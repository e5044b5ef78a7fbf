package dev.longshore.swarm.tracker;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;

/** What a member's metrics say about its trackers. */
public final class TrackerClientMetrics {
  /** 1 while a session is open; label {@code tracker}. */
  public static final String CONNECTED = "longshore_tracker_client_connected";

  /** Piece maps whose signature or form was wrong. */
  public static final String MAPS_REFUSED = "longshore_tracker_client_maps_refused";

  /** Pieces this member allowed itself to read from the source because no tracker answered. */
  public static final String SELF_GRANTED = "longshore_tracker_client_self_granted_pieces";

  private final MeterRegistry registry;
  private final Counter mapsRefused;
  private final Counter selfGranted;

  TrackerClientMetrics(MeterRegistry registry) {
    this.registry = registry;
    mapsRefused =
        Counter.builder(MAPS_REFUSED).description("Piece maps refused").register(registry);
    selfGranted =
        Counter.builder(SELF_GRANTED)
            .description("Pieces read from the source without a tracker's lease")
            .register(registry);
  }

  void tracker(String name, Supplier<Boolean> connected) {
    Gauge.builder(CONNECTED, () -> connected.get() ? 1 : 0)
        .description("Whether a session with the tracker is open")
        .tag("tracker", name)
        .register(registry);
  }

  void mapRefused() {
    mapsRefused.increment();
  }

  void selfGranted(int pieces) {
    selfGranted.increment(pieces);
  }
}
