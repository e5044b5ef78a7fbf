package dev.longshore.swarm.node;

import dev.longshore.service.net.RateLimit;
import dev.longshore.service.net.Transport;
import dev.longshore.service.net.TransportChoice;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.Priority;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.discovery.PeerSource;
import dev.longshore.swarm.engine.EngineSettings;
import dev.longshore.swarm.store.PieceStore;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Nodes in this process that find each other; closed together. */
final class TestSwarm implements AutoCloseable {
  static final SourceRef SOURCE = new SourceRef("registry.example", "app");

  /** A node with what it stands on. */
  record Member(SwarmNode node, PieceStore store, MeterRegistry metrics) {
    TempFileStore files() {
      return (TempFileStore) store;
    }

    /** Downloads as a pull does. */
    SwarmDownload pull(TestBlob blob, @Nullable SourceReader source) throws IOException {
      return node.download(blob.map, SOURCE, source, Priority.FOREGROUND);
    }

    double count(String meter, String... tags) {
      var counter = metrics.find(meter).tags(tags).counter();
      return counter == null ? 0 : counter.count();
    }
  }

  final InMemorySwarm tracker = new InMemorySwarm();
  final Transport transport;
  final List<Member> members = new ArrayList<>();
  private final Path folder;

  TestSwarm(Path folder, TransportChoice choice) {
    this.folder = folder;
    this.transport = Transport.choose(choice, "swarm-test", 2);
  }

  TestSwarm(Path folder) {
    this(folder, TransportChoice.AUTO);
  }

  Member agent() throws IOException {
    return start(PeerRole.AGENT, config -> config);
  }

  Member seeder(TestBlob blob) throws IOException {
    return start(PeerRole.SEEDER, config -> config, blob);
  }

  Member start(PeerRole role, UnaryOperator<SwarmNodeConfig> change, @Nullable TestBlob... whole)
      throws IOException {
    TempFileStore store =
        new TempFileStore(Files.createDirectory(folder.resolve("node" + members.size())));
    for (TestBlob blob : whole) {
      if (blob != null) {
        store.fill(blob.map, blob.content);
      }
    }
    return start(role, change, store);
  }

  Member start(PeerRole role, UnaryOperator<SwarmNodeConfig> change, PieceStore store)
      throws IOException {
    SwarmNodeConfig config =
        change.apply(
            SwarmNodeConfig.of(PeerId.random(new SecureRandom()), "127.0.0.1", 0, role)
                .withLimits(quick(SwarmLimits.defaults())));
    CompletableFuture<PeerAddress> self = new CompletableFuture<>();
    PeerSource peers = tracker.peersFor(self::join);
    MeterRegistry metrics = new SimpleMeterRegistry();
    SwarmNode node = SwarmNode.start(config, store, peers, tracker.leases(), transport, metrics);
    self.complete(node.self());
    Member member = new Member(node, store, metrics);
    members.add(member);
    return member;
  }

  /** Shorter patience than in production. */
  static SwarmLimits quick(SwarmLimits limits) {
    return new SwarmLimits(
        limits.maxConnections(),
        limits.maxHandshakes(),
        limits.maxDials(),
        limits.peersPerBlob(),
        limits.candidatesPerBlob(),
        limits.blobsPerConnection(),
        limits.uploadQueue(),
        limits.inFlightBytes(),
        Duration.ofMillis(700),
        Duration.ofSeconds(2),
        Duration.ofMillis(500),
        Duration.ofSeconds(2),
        Duration.ofSeconds(20),
        Duration.ofSeconds(1),
        Duration.ofMillis(50),
        Duration.ofSeconds(1),
        Duration.ofMinutes(1));
  }

  static UnaryOperator<SwarmNodeConfig> rates(String upload, String download) {
    return config -> config.withRates(RateLimit.parse(upload), RateLimit.parse(download));
  }

  /** A member that looks for peers for long before it reads the source. */
  static SwarmNodeConfig peersFirst(SwarmNodeConfig config) {
    EngineSettings engine = config.engine();
    return config.withEngine(
        new EngineSettings(
            engine.windowBytes(),
            engine.maxInFlightBytes(),
            engine.minPipeline(),
            engine.maxPipeline(),
            engine.queueTarget(),
            engine.hedgeAfter(),
            engine.endgameHedgeAfter(),
            engine.requestTimeout(),
            engine.snub(),
            engine.endgamePieces(),
            engine.sourceWindowBytes(),
            TimeUnit.SECONDS.toNanos(10),
            engine.stall(),
            engine.giveUp(),
            engine.tick()));
  }

  @Override
  public void close() {
    members.forEach(member -> member.node().close());
    transport.close();
  }
}
