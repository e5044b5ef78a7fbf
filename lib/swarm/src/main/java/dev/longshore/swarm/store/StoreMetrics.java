package dev.longshore.swarm.store;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;

/** The counters of a piece store; the constants are their names. */
public final class StoreMetrics {
  /** Bytes of pieces written. */
  public static final String WRITTEN = "longshore_store_written_bytes";

  /** Bytes of pieces held now. */
  public static final String HELD = "longshore_store_held_bytes";

  /** Blobs known now, whole or in part. */
  public static final String BLOBS = "longshore_store_blobs";

  /** Bytes of pieces given up by eviction. */
  public static final String EVICTED = "longshore_store_evicted_bytes";

  /** Writes and opens refused because the disk or the quota had no room. */
  public static final String FULL = "longshore_store_full";

  /** Pieces hashed again after an unclean stop, and found right. */
  public static final String PROVEN = "longshore_store_proven_pieces";

  /** Pieces hashed again after an unclean stop, and found wrong or missing. */
  public static final String DISPROVEN = "longshore_store_disproven_pieces";

  /** Times that the disk refused to make pieces durable. */
  public static final String SYNC_FAILED = "longshore_store_sync_failures";

  private final MeterRegistry registry;
  private final List<Gauge> gauges = new ArrayList<>();
  final Counter written;
  final Counter evicted;
  final Counter full;
  final Counter proven;
  final Counter disproven;
  final Counter syncFailed;

  StoreMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.written = bytes(WRITTEN, "Bytes of verified pieces written");
    this.evicted = bytes(EVICTED, "Bytes of pieces given up by eviction");
    this.full = count(FULL, "Writes and opens refused for want of room");
    this.proven = count(PROVEN, "Pieces of an earlier run hashed again and found right");
    this.disproven = count(DISPROVEN, "Pieces of an earlier run hashed again and found wrong");
    this.syncFailed = count(SYNC_FAILED, "Times the disk refused to make pieces durable");
  }

  /** Registers the gauges; the store must stay reachable as long as they are wanted. */
  void watch(FilePieceStore store) {
    gauges.add(
        Gauge.builder(HELD, store, FilePieceStore::bytesHeld)
            .baseUnit("bytes")
            .description("Bytes of pieces held")
            .register(registry));
    gauges.add(
        Gauge.builder(BLOBS, store, FilePieceStore::blobCount)
            .description("Blobs known, whole or in part")
            .register(registry));
  }

  /** Takes the gauges away, so that the next store of this process can have them. */
  void unwatch() {
    gauges.forEach(registry::remove);
    gauges.clear();
  }

  private Counter bytes(String name, String description) {
    return Counter.builder(name).baseUnit("bytes").description(description).register(registry);
  }

  private Counter count(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }
}
