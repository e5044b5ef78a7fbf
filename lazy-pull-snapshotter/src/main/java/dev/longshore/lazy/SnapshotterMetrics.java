package dev.longshore.lazy;

import dev.longshore.lazy.snapshot.Snapshots;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** What a snapshotter counts; the constants are the names in the registry. */
public final class SnapshotterMetrics {
  /** Snapshots, by what they are: active, committed, remote, view. */
  public static final String SNAPSHOTS = "longshore_lazy_snapshots";

  /** Layers of an earlier run that could not be mounted again. */
  public static final String UNAVAILABLE = "longshore_lazy_unavailable_layers";

  private SnapshotterMetrics() {}

  static void register(MeterRegistry registry, Snapshots snapshots) {
    for (String kind : new String[] {"active", "committed", "remote", "view"}) {
      Gauge.builder(SNAPSHOTS, snapshots, s -> s.counts().getOrDefault(kind, 0L))
          .description("Snapshots")
          .tag("kind", kind)
          .register(registry);
    }
    Gauge.builder(UNAVAILABLE, snapshots, s -> s.unavailableLayers().size())
        .description("Layers that could not be mounted again")
        .register(registry);
  }
}
