package dev.longshore.seeder;

import dev.longshore.swarm.preheat.FetchQueue;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.IntSupplier;

/** What a seeder counts; the constants are the names in the registry. */
public final class SeederMetrics implements FetchQueue.Listener {
  /** Blobs asked for by the trackers and by preheats. */
  public static final String WANTED = "longshore_seeder_wanted";

  /** Attempts to fetch a blob that ended; {@code result}: seeded or failed. */
  public static final String FETCHES = "longshore_seeder_fetches";

  /** Piece maps made and signed for blobs of foreign registries. */
  public static final String SIGNED = "longshore_seeder_maps_signed";

  /** Blobs waiting to be fetched, or to be tried again. */
  public static final String WAITING = "longshore_seeder_waiting";

  /** Blobs being fetched. */
  public static final String RUNNING = "longshore_seeder_running";

  private final MeterRegistry registry;
  private final Counter wanted;
  private final Counter seeded;
  private final Counter failed;
  final Counter signed;

  SeederMetrics(MeterRegistry registry) {
    this.registry = registry;
    wanted = Counter.builder(WANTED).description("Blobs asked for").register(registry);
    seeded = fetches("seeded");
    failed = fetches("failed");
    signed = Counter.builder(SIGNED).description("Piece maps signed").register(registry);
  }

  @Override
  public void wanted() {
    wanted.increment();
  }

  @Override
  public void ended(boolean well) {
    (well ? seeded : failed).increment();
  }

  void watch(IntSupplier waiting, IntSupplier running) {
    Gauge.builder(WAITING, waiting, IntSupplier::getAsInt)
        .description("Blobs waiting to be fetched")
        .strongReference(true)
        .register(registry);
    Gauge.builder(RUNNING, running, IntSupplier::getAsInt)
        .description("Blobs being fetched")
        .strongReference(true)
        .register(registry);
  }

  private Counter fetches(String result) {
    return Counter.builder(FETCHES)
        .description("Attempts to fetch a blob that ended")
        .tag("result", result)
        .register(registry);
  }
}
