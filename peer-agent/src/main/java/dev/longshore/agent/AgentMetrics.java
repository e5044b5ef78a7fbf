package dev.longshore.agent;

import dev.longshore.agent.blob.BlobMetrics;
import dev.longshore.agent.blob.OpenBlob;
import dev.longshore.agent.mirror.MirrorMetrics;
import dev.longshore.swarm.preheat.FetchQueue;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/** What an agent counts; the constants are the names in the registry. */
public final class AgentMetrics implements BlobMetrics, MirrorMetrics {
  /** Manifests asked for. */
  public static final String MANIFESTS = "longshore_agent_manifest_requests";

  /** Blobs served; {@code origin}: store, swarm or source. */
  public static final String BLOBS = "longshore_agent_blob_requests";

  /** Bytes of blobs that left for clients. */
  public static final String SENT = "longshore_agent_sent_bytes";

  /** Bytes read at sources outside the swarm. */
  public static final String READ_AT_SOURCE = "longshore_agent_source_bytes";

  /** From the request for a blob to its first byte; {@code origin} as above. */
  public static final String FIRST_BYTE = "longshore_agent_first_byte_seconds";

  /** Blobs that did not come the best way; {@code reason}. */
  public static final String FALLBACKS = "longshore_agent_fallbacks";

  /** Piece maps at sources whose signature or form was wrong, or that were of another blob. */
  public static final String MAPS_REFUSED = "longshore_agent_maps_refused";

  /** Clients that left before they had everything. */
  public static final String CLIENTS_LEFT = "longshore_agent_clients_left";

  /** Answers that had to be cut off in the middle. */
  public static final String CUT_OFF = "longshore_agent_answers_cut_off";

  /** Attempts to preheat a blob that ended; {@code result}: done or failed. */
  public static final String PREHEATS = "longshore_agent_preheats";

  /** Blobs to preheat that wait for their turn, or to be tried again. */
  public static final String PREHEATS_WAITING = "longshore_agent_preheats_waiting";

  /** Blobs that are being preheated. */
  public static final String PREHEATS_RUNNING = "longshore_agent_preheats_running";

  private final MeterRegistry registry;
  private final Counter manifests;
  private final Counter sent;
  private final Counter readAtSource;
  private final Counter mapsRefused;
  private final Counter clientsLeft;
  private final Counter cutOff;
  private final Map<OpenBlob.Origin, Counter> blobs = new EnumMap<>(OpenBlob.Origin.class);
  private final Map<OpenBlob.Origin, Timer> firstByte = new EnumMap<>(OpenBlob.Origin.class);
  private final Map<Fallback, Counter> fallbacks = new EnumMap<>(Fallback.class);

  AgentMetrics(MeterRegistry registry) {
    this.registry = registry;
    manifests = count(registry, MANIFESTS, "Manifests asked for");
    sent = count(registry, SENT, "Bytes of blobs that left for clients");
    readAtSource = count(registry, READ_AT_SOURCE, "Bytes read at sources outside the swarm");
    mapsRefused = count(registry, MAPS_REFUSED, "Piece maps at sources that were refused");
    clientsLeft = count(registry, CLIENTS_LEFT, "Clients that left before they had everything");
    cutOff = count(registry, CUT_OFF, "Answers that had to be cut off in the middle");
    for (OpenBlob.Origin origin : OpenBlob.Origin.values()) {
      blobs.put(
          origin,
          Counter.builder(BLOBS)
              .description("Blobs served")
              .tag("origin", label(origin))
              .register(registry));
      firstByte.put(
          origin,
          Timer.builder(FIRST_BYTE)
              .description("From the request for a blob to its first byte")
              .tag("origin", label(origin))
              .publishPercentileHistogram()
              .register(registry));
    }
    for (Fallback reason : Fallback.values()) {
      fallbacks.put(
          reason,
          Counter.builder(FALLBACKS)
              .description("Blobs that did not come the best way")
              .tag("reason", label(reason))
              .register(registry));
    }
  }

  @Override
  public void manifestAsked() {
    manifests.increment();
  }

  @Override
  public void blobStarted(OpenBlob.Origin origin, long nanos) {
    get(blobs, origin).increment();
    get(firstByte, origin).record(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void clientLeft() {
    clientsLeft.increment();
  }

  @Override
  public void cutOff() {
    cutOff.increment();
  }

  @Override
  public void sent(long bytes) {
    sent.increment((double) bytes);
  }

  @Override
  public void readAtSource(long bytes) {
    readAtSource.increment((double) bytes);
  }

  @Override
  public void mapRefused() {
    mapsRefused.increment();
  }

  @Override
  public void fellBack(Fallback reason) {
    get(fallbacks, reason).increment();
  }

  /** Counts what the queue of preheats does. */
  FetchQueue.Listener preheats() {
    Counter done = preheats("done");
    Counter failed = preheats("failed");
    return new FetchQueue.Listener() {
      @Override
      public void wanted() {}

      @Override
      public void ended(boolean well) {
        (well ? done : failed).increment();
      }
    };
  }

  private Counter preheats(String result) {
    return Counter.builder(PREHEATS)
        .description("Attempts to preheat a blob that ended")
        .tag("result", result)
        .register(registry);
  }

  void watchPreheats(IntSupplier waiting, IntSupplier running) {
    gauge(PREHEATS_WAITING, "Blobs to preheat that wait", waiting);
    gauge(PREHEATS_RUNNING, "Blobs that are being preheated", running);
  }

  private void gauge(String name, String description, IntSupplier value) {
    Gauge.builder(name, value, IntSupplier::getAsInt)
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  private static <K extends Enum<K>, V> V get(Map<K, V> meters, K key) {
    return java.util.Objects.requireNonNull(meters.get(key), key.name());
  }

  private static Counter count(MeterRegistry registry, String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }

  private static String label(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
