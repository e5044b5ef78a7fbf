package dev.longshore.origin.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Every meter of the origin. Thread-safe. */
public final class OriginMetrics {

  /** Requests answered, by {@code route} and {@code status}. */
  public static final String REQUESTS = "longshore_origin_requests_total";

  /** Bytes of blobs and manifests taken in. */
  public static final String RECEIVED = "longshore_origin_received_bytes_total";

  /** Bytes of bodies sent. */
  public static final String SENT = "longshore_origin_sent_bytes_total";

  /** Uploads with an open file. */
  public static final String UPLOAD_SESSIONS = "longshore_origin_upload_sessions";

  /** Share of look-ups that memory answered, 0 to 1, by {@code cache}. */
  public static final String CACHE_HIT_RATIO = "longshore_origin_cache_hit_ratio";

  /** Blobs whose piece map is still to be computed. */
  public static final String PIECE_MAP_BACKLOG = "longshore_origin_piece_map_backlog";

  /** Layers whose index was looked into, by {@code result}: built, impossible or failed. */
  public static final String LAYER_INDEXES = "longshore_origin_layer_indexes_total";

  /** Layers whose index is still to be made. */
  public static final String LAYER_INDEX_BACKLOG = "longshore_origin_layer_index_backlog";

  /** Time that threads spent on making layer indexes. */
  public static final String LAYER_INDEX_TIME = "longshore_origin_layer_index_seconds_total";

  private record Answer(String route, int status) {}

  private final MeterRegistry registry;
  private final Map<Answer, Counter> requests = new ConcurrentHashMap<>();
  private final Counter received;
  private final Counter sent;

  public OriginMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.received =
        Counter.builder(RECEIVED)
            .description("Bytes of blobs and manifests taken in")
            .register(registry);
    this.sent = Counter.builder(SENT).description("Bytes of bodies sent").register(registry);
  }

  /** A request was answered. Both labels are bounded: routes are ours, and so are statuses. */
  public void answered(String route, int status) {
    requests.computeIfAbsent(new Answer(route, status), this::counter).increment();
  }

  public void received(long bytes) {
    received.increment((double) bytes);
  }

  public void sent(long bytes) {
    sent.increment((double) bytes);
  }

  public void uploadSessions(Supplier<Number> value) {
    Gauge.builder(UPLOAD_SESSIONS, value)
        .description("Uploads with an open file")
        .register(registry);
  }

  public void cacheHitRatio(String cache, Supplier<Number> value) {
    Gauge.builder(CACHE_HIT_RATIO, value)
        .description("Share of look-ups that memory answered")
        .tag("cache", cache)
        .register(registry);
  }

  public void pieceMapBacklog(Supplier<Number> value) {
    Gauge.builder(PIECE_MAP_BACKLOG, value)
        .description("Blobs whose piece map is still to be computed")
        .register(registry);
  }

  public void layerIndexes(String result, Supplier<Number> value) {
    FunctionCounter.builder(LAYER_INDEXES, value, now -> now.get().doubleValue())
        .description("Layers whose index was looked into")
        .tag("result", result)
        .register(registry);
  }

  public void layerIndexBacklog(Supplier<Number> value) {
    Gauge.builder(LAYER_INDEX_BACKLOG, value)
        .description("Layers whose index is still to be made")
        .register(registry);
  }

  public void layerIndexNanos(Supplier<Number> value) {
    FunctionCounter.builder(LAYER_INDEX_TIME, value, now -> now.get().doubleValue() / 1e9)
        .description("Time that threads spent on making layer indexes")
        .register(registry);
  }

  private Counter counter(Answer answer) {
    return Counter.builder(REQUESTS)
        .description("Requests answered")
        .tag("route", answer.route())
        .tag("status", Integer.toString(answer.status()))
        .register(registry);
  }
}
