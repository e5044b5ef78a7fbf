package dev.longshore.swarm.node;

import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.wire.GoodbyeReason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** The meters behind {@link SwarmMetrics}, looked up once. Thread-safe. */
final class Meters {
  private final MeterRegistry registry;
  final Counter receivedFromSource;
  private final Counter receivedFromSeeders;
  private final Counter receivedFromAgents;
  private final Counter sentToSeeders;
  private final Counter sentToAgents;
  final Counter verified;
  final Counter corrupt;
  final Counter unstored;
  final Counter hedges;
  final Counter unneeded;
  final Timer uploadWait;
  final Timer verifyWait;
  final AtomicInteger requests = new AtomicInteger();
  final AtomicInteger uploadsQueued = new AtomicInteger();

  Meters(MeterRegistry registry) {
    this.registry = registry;
    receivedFromSource = registry.counter(SwarmMetrics.RECEIVED, "kind", "source");
    receivedFromSeeders = registry.counter(SwarmMetrics.RECEIVED, "kind", "seeder");
    receivedFromAgents = registry.counter(SwarmMetrics.RECEIVED, "kind", "agent");
    sentToSeeders = registry.counter(SwarmMetrics.SENT, "kind", "seeder");
    sentToAgents = registry.counter(SwarmMetrics.SENT, "kind", "agent");
    verified = registry.counter(SwarmMetrics.PIECES, "result", "verified");
    corrupt = registry.counter(SwarmMetrics.PIECES, "result", "corrupt");
    unstored = registry.counter(SwarmMetrics.PIECES, "result", "unstored");
    hedges = registry.counter(SwarmMetrics.HEDGES);
    unneeded = registry.counter(SwarmMetrics.UNNEEDED);
    uploadWait = registry.timer(SwarmMetrics.UPLOAD_WAIT);
    verifyWait = registry.timer(SwarmMetrics.VERIFY_WAIT);
    gauge(SwarmMetrics.REQUESTS, requests::get);
    gauge(SwarmMetrics.UPLOADS_QUEUED, uploadsQueued::get);
  }

  void gauge(String name, Supplier<Number> value) {
    Gauge.builder(name, value).strongReference(true).register(registry);
  }

  Counter receivedFrom(PeerRole role) {
    return role == PeerRole.SEEDER ? receivedFromSeeders : receivedFromAgents;
  }

  Counter sentTo(PeerRole role) {
    return role == PeerRole.SEEDER ? sentToSeeders : sentToAgents;
  }

  void goodbye(GoodbyeReason reason) {
    registry
        .counter(SwarmMetrics.GOODBYES, "reason", reason.name().toLowerCase(Locale.ROOT))
        .increment();
  }

  void ban(String reason) {
    registry.counter(SwarmMetrics.BANS, "reason", reason).increment();
  }

  void sourceFailure(boolean permanent) {
    registry
        .counter(SwarmMetrics.SOURCE_FAILURES, "permanent", Boolean.toString(permanent))
        .increment();
  }
}
