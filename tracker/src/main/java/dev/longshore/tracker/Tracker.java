package dev.longshore.tracker;

import dev.longshore.piece.TrustedKeys;
import dev.longshore.service.Service;
import dev.longshore.service.StartFailedException;
import dev.longshore.service.http.HttpHandler;
import dev.longshore.service.net.ListenFailedException;
import dev.longshore.service.unit.HostAndPort;
import dev.longshore.swarm.tracker.TrackerEndpoint;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running tracker. */
public final class Tracker implements Service {
  private static final Logger LOG = LoggerFactory.getLogger(Tracker.class);
  static final long TICK_MILLIS = 200;

  private final Members members;
  private final TrackerEndpoint endpoint;
  private final ScheduledExecutorService ticker;
  private final HostAndPort listen;

  private Tracker(
      Members members, TrackerEndpoint endpoint, ScheduledExecutorService ticker, String host) {
    this.members = members;
    this.endpoint = endpoint;
    this.ticker = ticker;
    this.listen = new HostAndPort(host, endpoint.port());
  }

  /**
   * Binds and serves; the admin endpoint is the daemon's.
   *
   * @throws StartFailedException if the cluster key cannot be read
   * @throws ListenFailedException if the address cannot be bound
   */
  public static Tracker start(TrackerConfig config, MeterRegistry metrics)
      throws StartFailedException, ListenFailedException {
    TrustedKeys keys = config.clusterKey().isEmpty() ? null : load(config.clusterKey().get());
    TrackerState state = new TrackerState(config.policy(), new Random(), System.nanoTime());
    Members members = new Members(state, System::nanoTime, keys);
    TrackerEndpoint endpoint = listen(config.listen(), members);
    ScheduledExecutorService ticker =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("tracker-tick").factory());
    var _ =
        ticker.scheduleAtFixedRate(
            () -> tick(members), TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    TrackerMetrics.register(metrics, members);
    return new Tracker(members, endpoint, ticker, config.listen().host());
  }

  /** As above, without metrics. */
  public static Tracker start(TrackerConfig config)
      throws StartFailedException, ListenFailedException {
    return start(config, new CompositeMeterRegistry());
  }

  private static TrackerEndpoint listen(HostAndPort address, Members members)
      throws ListenFailedException {
    try {
      return TrackerEndpoint.listen(address.toSocketAddress(), members);
    } catch (IOException e) {
      Throwable cause = e.getCause(); // gRPC's own message names only the address
      throw ListenFailedException.of("listen", address, cause == null ? e : cause);
    }
  }

  private static TrustedKeys load(Path file) throws StartFailedException {
    try {
      return TrustedKeys.load(file);
    } catch (IOException e) {
      throw new StartFailedException(
          "cannot read --cluster-key "
              + file
              + " ("
              + e.getMessage()
              + "); the origin writes it beside its key as DATA/cluster.key.pub",
          e);
    }
  }

  private static void tick(Members members) {
    try {
      members.tick();
    } catch (RuntimeException e) {
      // An exception would end the schedule, and every lease and wait with it.
      LOG.error("the tracker failed at a tick; it goes on", e);
    }
  }

  /** Where members connect. */
  public HostAndPort listen() {
    return listen;
  }

  @Override
  public Map<String, HostAndPort> addresses() {
    return Map.of("listen", listen);
  }

  @Override
  public Map<String, HttpHandler> adminPaths() {
    return new TrackerListing(members).paths();
  }

  @Override
  public Object debug() {
    return members.read(TrackerDebug::of);
  }

  @Override
  public void close() {
    endpoint.close();
    ticker.shutdownNow();
  }
}
