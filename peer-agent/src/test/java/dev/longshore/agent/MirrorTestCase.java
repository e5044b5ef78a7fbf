package dev.longshore.agent;

import static java.util.Objects.requireNonNull;

import dev.longshore.agent.blob.Blobs;
import dev.longshore.agent.blob.FetchAhead;
import dev.longshore.agent.blob.MapFinder;
import dev.longshore.agent.mirror.Mirror;
import dev.longshore.agent.upstream.Caller;
import dev.longshore.agent.upstream.Upstream;
import dev.longshore.oci.Digest;
import dev.longshore.oci.client.CredentialsSource;
import dev.longshore.piece.ClusterKey;
import dev.longshore.service.http.HttpServer;
import dev.longshore.service.http.HttpServerConfig;
import dev.longshore.service.net.Transport;
import dev.longshore.service.net.TransportChoice;
import dev.longshore.service.unit.HostAndPort;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.holding.SourceBook;
import dev.longshore.swarm.source.Registries;
import dev.longshore.swarm.store.PieceStore;
import dev.longshore.swarm.store.PieceStores;
import dev.longshore.swarm.store.StoreConfig;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A mirror over real HTTP, a real store and a real registry client; the swarm is a fake. */
abstract class MirrorTestCase {
  static final String REPO = "team/app";
  static final String SECRET = "Basic dGVhbTpzM2NyM3Q=";

  /** Three pieces and a bit. */
  static final byte[] LAYER = random(1, 3 * (256 << 10) + 12_345);

  static final byte[] SMALL = random(2, 700);

  @TempDir Path data;

  final ClusterKey key = ClusterKey.generate();
  final List<AutoCloseable> parts = new ArrayList<>();
  Instant now = Instant.parse("2026-01-01T00:00:00Z");
  final MeterRegistry meters = new SimpleMeterRegistry();
  FakeRegistry registry;
  PieceStore store;
  FakeSwarm swarm;
  Blobs blobs;
  Upstream upstream;
  URI mirror;
  MirrorClient client;
  Digest manifest;
  Digest layer;
  Digest small;

  MirrorTestCase() throws IOException {
    registry = keep(new FakeRegistry());
  }

  @BeforeEach
  void startUp() throws Exception {
    manifest = registry.putImage(REPO, "v1", LAYER, SMALL);
    layer = Digest.sha256(LAYER);
    small = Digest.sha256(SMALL);
    start(Long.MAX_VALUE, false, Map.of());
  }

  final void start(long quota, boolean staleTags, Map<String, URI> configured) throws Exception {
    Transport transport = keep(Transport.choose(TransportChoice.AUTO, "test", 1));
    store =
        keep(
            PieceStores.open(
                StoreConfig.defaults(data.resolve("store")).withQuota(quota),
                key.trusted(),
                () -> now,
                new SimpleMeterRegistry()));
    swarm = new FakeSwarm(store);
    Registries registries = keep(new Registries(configured, CredentialsSource.anonymous(), "test"));
    AgentMetrics metrics = new AgentMetrics(meters);
    blobs =
        new Blobs(
            store,
            swarm,
            new MapFinder(swarm, swarm, Duration.ZERO, metrics),
            SourceBook.open(data.resolve("sources")),
            () -> {},
            data.resolve("spool"),
            Duration.ofSeconds(1),
            metrics,
            () -> now);
    keep(blobs);
    upstream =
        new Upstream(
            registries,
            key.trusted(),
            blob -> {
              throw new IOException("no member has " + blob.digest());
            },
            data.resolve("manifests"),
            staleTags,
            () -> now.toEpochMilli() * 1_000_000);
    HttpServer server =
        keep(
            HttpServer.bind(
                HttpServerConfig.of("mirror", new HostAndPort("127.0.0.1", 0)),
                transport,
                new Mirror(
                    registries, upstream, blobs, new FetchAhead((blob, priority) -> {}), metrics),
                Mirror::answerFailure));
    mirror = URI.create("http://" + server.address());
    client = keep(new MirrorClient(mirror, registry.name()));
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable part : parts.reversed()) {
      part.close();
    }
  }

  /** Stops everything but the registry, and starts anew on the same data. */
  void restart(long quota, boolean staleTags) throws Exception {
    for (AutoCloseable part : parts.subList(1, parts.size()).reversed()) {
      part.close();
    }
    parts.subList(1, parts.size()).clear();
    start(quota, staleTags, Map.of());
  }

  Caller anybody() {
    return new Caller(new SourceRef(registry.name(), REPO), null);
  }

  <T extends AutoCloseable> T keep(T part) {
    parts.add(part);
    return part;
  }

  static String text(HttpResponse<byte[]> answer) {
    return new String(requireNonNull(answer.body()), StandardCharsets.UTF_8);
  }

  static byte[] random(long seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
