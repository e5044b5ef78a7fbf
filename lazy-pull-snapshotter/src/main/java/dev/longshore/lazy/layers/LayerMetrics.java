package dev.longshore.lazy.layers;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** What is counted of mounted layers; the constants are the names in the registry. */
public final class LayerMetrics {
  /** Reads of ranges that were not here, by result: filled or failed. */
  public static final String READS = "longshore_lazy_reads_total";

  /** How long such a read waited. */
  public static final String READ_WAIT = "longshore_lazy_read_wait_seconds";

  /** Reads that wait now. */
  public static final String WAITING = "longshore_lazy_waiting_reads";

  /** Compressed bytes of layers that came from the agent. */
  public static final String FETCHED = "longshore_lazy_fetched_bytes_total";

  /** Mounted layers, by whether all of them is here. */
  public static final String MOUNTS = "longshore_lazy_mounts";

  private final MeterRegistry registry;
  private final Counter filled;
  private final Counter failed;
  private final Counter fetched;
  private final Timer wait;
  private final AtomicInteger waiting = new AtomicInteger();

  /** Meters in this registry. */
  public LayerMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.filled = reads("filled");
    this.failed = reads("failed");
    this.fetched =
        Counter.builder(FETCHED)
            .description("Compressed bytes of layers that came from the agent")
            .register(registry);
    this.wait =
        Timer.builder(READ_WAIT)
            .description("How long reads of ranges that were not here waited")
            .serviceLevelObjectives(
                Duration.ofMillis(5),
                Duration.ofMillis(20),
                Duration.ofMillis(50),
                Duration.ofMillis(100),
                Duration.ofMillis(200),
                Duration.ofMillis(500),
                Duration.ofSeconds(1),
                Duration.ofSeconds(5),
                Duration.ofSeconds(30))
            .register(registry);
    Gauge.builder(WAITING, waiting, AtomicInteger::get)
        .description("Reads that wait now")
        .register(registry);
  }

  private Counter reads(String result) {
    return Counter.builder(READS)
        .description("Reads of ranges that were not here")
        .tag("result", result)
        .register(registry);
  }

  void mounts(Supplier<Collection<MountedLayer>> layers) {
    mounts(layers, "lazy", false);
    mounts(layers, "complete", true);
  }

  private void mounts(Supplier<Collection<MountedLayer>> layers, String state, boolean complete) {
    Gauge.builder(
            MOUNTS,
            layers,
            all -> all.get().stream().filter(layer -> layer.filler().isEmpty() == complete).count())
        .description("Mounted layers")
        .tag("state", state)
        .strongReference(true)
        .register(registry);
  }

  /** So many bytes came. */
  public void fetched(long bytes) {
    fetched.increment((double) bytes);
  }

  /** A read begins to wait. */
  void waits() {
    waiting.incrementAndGet();
  }

  /** A read has waited so long and goes on, or fails. */
  void answered(long nanos, boolean good) {
    waiting.decrementAndGet();
    wait.record(nanos, TimeUnit.NANOSECONDS);
    (good ? filled : failed).increment();
  }
}
