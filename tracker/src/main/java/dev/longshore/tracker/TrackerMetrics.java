package dev.longshore.tracker;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.ToDoubleFunction;

/** What a tracker counts; the constants are the names in the registry. */
public final class TrackerMetrics {
  /** Sessions open. */
  public static final String MEMBERS = "longshore_tracker_members";

  /** Blobs that somebody wants or holds. */
  public static final String SWARMS = "longshore_tracker_swarms";

  /** Members of all swarms together. */
  public static final String MEMBERSHIPS = "longshore_tracker_memberships";

  /** Piece maps kept. */
  public static final String MAPS = "longshore_tracker_maps";

  /** Memory of the piece maps kept. */
  public static final String MAP_BYTES = "longshore_tracker_map_bytes";

  /** Members waiting for a piece map. */
  public static final String MAP_WAITS = "longshore_tracker_map_waits";

  /** Pieces being read from the source. */
  public static final String LEASES_OPEN = "longshore_tracker_leases_open_pieces";

  /** Pieces leased. */
  public static final String LEASED = "longshore_tracker_leased_pieces";

  /** Of those, pieces that other members hold but did not deliver to the asker in time. */
  public static final String LEASED_IN_SPITE = "longshore_tracker_leased_undelivered_pieces";

  /** Pieces whose reader made no progress, or fell silent. */
  public static final String LEASES_EXPIRED = "longshore_tracker_leases_expired_pieces";

  /** Piece maps published. */
  public static final String MAPS_PUBLISHED = "longshore_tracker_maps_published";

  /** Piece maps refused because no trusted key signed them. */
  public static final String MAPS_REFUSED = "longshore_tracker_maps_refused";

  /** Calls to seeders. */
  public static final String SEED_CALLS = "longshore_tracker_seed_calls";

  /** Sessions ended because their member broke a rule, or beyond a limit. */
  public static final String SESSIONS_REFUSED = "longshore_tracker_sessions_refused";

  public static final String MEMBERS_DISTRUSTED = "longshore_tracker_members_distrusted";

  private TrackerMetrics() {}

  static void register(MeterRegistry registry, Members members) {
    gauge(registry, MEMBERS, "Sessions open", members, TrackerState::memberCount);
    gauge(registry, SWARMS, "Blobs wanted or held", members, state -> state.swarms().size());
    gauge(registry, MEMBERSHIPS, "Members of swarms", members, TrackerState::membershipCount);
    gauge(registry, MAPS, "Piece maps kept", members, state -> state.maps().count());
    gauge(registry, MAP_BYTES, "Piece maps' memory", members, state -> state.maps().bytes());
    gauge(registry, MAP_WAITS, "Waits for maps", members, state -> state.maps().waiting());
    gauge(registry, LEASES_OPEN, "Pieces being read", members, TrackerState::leasedCount);
    counter(registry, LEASED, "Pieces leased", members, c -> c.piecesLeased);
    counter(
        registry,
        LEASED_IN_SPITE,
        "Pieces leased though members hold them",
        members,
        c -> c.piecesLeasedInSpiteOfHolders);
    counter(registry, LEASES_EXPIRED, "Leases expired", members, c -> c.leasesExpired);
    counter(registry, MAPS_PUBLISHED, "Maps published", members, c -> c.mapsPublished);
    counter(registry, SEED_CALLS, "Calls to seeders", members, c -> c.seedCalls);
    counter(registry, SESSIONS_REFUSED, "Sessions refused", members, c -> c.sessionsRefused);
    counter(
        registry,
        MEMBERS_DISTRUSTED,
        "Members that several hosts shut out for wrong bytes",
        members,
        c -> c.membersDistrusted);
    FunctionCounter.builder(MAPS_REFUSED, members, Members::mapsRefused)
        .description("Maps refused")
        .register(registry);
  }

  private static void gauge(
      MeterRegistry registry,
      String name,
      String description,
      Members members,
      ToDoubleFunction<TrackerState> value) {
    Gauge.builder(name, members, m -> m.read(value::applyAsDouble))
        .description(description)
        .register(registry);
  }

  private static void counter(
      MeterRegistry registry,
      String name,
      String description,
      Members members,
      ToDoubleFunction<TrackerCounters> value) {
    FunctionCounter.builder(
            name, members, m -> m.read(state -> value.applyAsDouble(state.counters())))
        .description(description)
        .register(registry);
  }
}
