package dev.longshore.seeder;

import dev.longshore.oci.client.CredentialsSource;
import dev.longshore.piece.ClusterKey;
import dev.longshore.service.Service;
import dev.longshore.service.StartFailedException;
import dev.longshore.service.net.Transport;
import dev.longshore.service.unit.HostAndPort;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.holding.HeldBlobs;
import dev.longshore.swarm.holding.SourceBook;
import dev.longshore.swarm.node.SwarmNode;
import dev.longshore.swarm.node.SwarmNodeConfig;
import dev.longshore.swarm.source.Registries;
import dev.longshore.swarm.store.PieceStore;
import dev.longshore.swarm.store.PieceStores;
import dev.longshore.swarm.store.StoreConfig;
import dev.longshore.swarm.tracker.TrackerClient;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A swarm member that fetches what others want, and seeds it. */
public final class Seeder implements Service {
  private static final Logger log = LoggerFactory.getLogger(Seeder.class);
  private static final Duration LOOK_AT_STORE_EVERY = Duration.ofSeconds(15);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

  private final String listenHost;
  private final SwarmNode node;
  private final PieceStore store;
  private final SeedQueue queue;
  private final Deque<AutoCloseable> parts;

  private Seeder(
      String listenHost,
      SwarmNode node,
      PieceStore store,
      SeedQueue queue,
      Deque<AutoCloseable> parts) {
    this.listenHost = listenHost;
    this.node = node;
    this.store = store;
    this.queue = queue;
    this.parts = parts;
  }

  /**
   * Starts a seeder; its addresses are bound when this returns.
   *
   * @throws StartFailedException if it cannot start, with what to do about it
   */
  public static Seeder start(SeederConfig config, MeterRegistry registry) throws Exception {
    ClusterKey key = clusterKey(config);
    Deque<AutoCloseable> parts = new ArrayDeque<>();
    try {
      return start(config, registry, key, parts);
    } catch (Exception e) {
      closeAll(parts);
      throw e;
    }
  }

  private static Seeder start(
      SeederConfig config, MeterRegistry registry, ClusterKey key, Deque<AutoCloseable> parts)
      throws Exception {
    Path data = config.data();
    SeederMetrics metrics = new SeederMetrics(registry);
    StoreConfig defaults = StoreConfig.defaults(data.resolve("store"));
    PieceStore store =
        keep(
            parts,
            PieceStores.open(
                config.quota().map(quota -> defaults.withQuota(quota.bytes())).orElse(defaults),
                key.trusted(),
                InstantSource.system(),
                registry));
    Transport transport = keep(parts, Transport.chooseForNode(config.transport(), "seeder"));
    PeerId id = PeerId.random(new SecureRandom());
    SwarmNodeConfig member = member(config, id);
    // A tracker may call before the node listens: its wishes wait for the queue.
    CompletableFuture<SeedQueue> queueToCome = new CompletableFuture<>();
    TrackerClient tracker =
        keep(
            parts,
            TrackerClient.connect(
                config.tracker().stream().map(HostAndPort::toString).toList(),
                new PeerAddress(id, member.advertiseHost(), config.peer().port(), PeerRole.SEEDER),
                config.zone(),
                key.trusted(),
                (blob, size, source) -> {
                  var unused =
                      queueToCome.thenAccept(
                          queue -> queue.want(new WantedBlob(blob, size, source)));
                },
                registry));
    SwarmNode node =
        keep(parts, SwarmNode.start(member, store, tracker, tracker, transport, registry));
    tracker.listeningOn(node.self().port());
    Registries registries = keep(parts, registries(config));
    SourceBook sources = SourceBook.open(data.resolve("sources"));
    HeldBlobs held = keep(parts, HeldBlobs.start(store, tracker, sources, LOOK_AT_STORE_EVERY));
    SeedFetcher fetcher =
        new SeedFetcher(
            store,
            node,
            tracker,
            tracker,
            registries,
            key,
            sources,
            held,
            data.resolve("spool"),
            metrics);
    SeedQueue queue = keep(parts, new SeedQueue(config.parallel(), FIRST_PAUSE, fetcher, metrics));
    queueToCome.complete(queue);
    return new Seeder(config.peer().host(), node, store, queue, parts);
  }

  private static SwarmNodeConfig member(SeederConfig config, PeerId id) {
    SwarmNodeConfig member =
        SwarmNodeConfig.of(id, config.peer().host(), config.peer().port(), PeerRole.SEEDER)
            .withZone(config.zone())
            .withRates(config.uploadLimit(), config.downloadLimit());
    return config.advertise().map(member::withAdvertiseHost).orElse(member);
  }

  private static Registries registries(SeederConfig config) throws StartFailedException {
    try {
      return new Registries(
          config.upstream(),
          config
              .registryAuth()
              .map(CredentialsSource::dockerConfig)
              .orElse(CredentialsSource.anonymous()),
          "longshore-seeder");
    } catch (IllegalArgumentException e) {
      throw new StartFailedException("--upstream: " + e.getMessage(), e);
    }
  }

  private static ClusterKey clusterKey(SeederConfig config) throws StartFailedException {
    String where =
        "; the origin writes it to its DATA/cluster.key at first start: copy that file here, keep it"
            + " secret, and give its path";
    Path file =
        config
            .clusterKey()
            .orElseThrow(() ->
                new StartFailedException(
                    "--cluster-key FILE is needed: the private key that piece maps are signed"
                        + " with"
                        + where));
    if (!Files.exists(file)) {
      throw new StartFailedException("--cluster-key " + file + " does not exist" + where);
    }
    try {
      return ClusterKey.load(file);
    } catch (IOException e) {
      throw new StartFailedException("--cluster-key: " + e.getMessage() + where, e);
    }
  }

  @Override
  public Map<String, HostAndPort> addresses() {
    return Map.of("peer", new HostAndPort(listenHost, node.self().port()));
  }

  @Override
  public Object debug() {
    return new SeederState(
        node.self().toString(),
        store.bytesHeld(),
        queue.reports(),
        store.list().stream()
            .map(blob ->
                new SeederState.Blob(
                    blob.digest().toString(), blob.size(), blob.pieces(), blob.held()))
            .toList(),
        node.debug());
  }

  @Override
  public void close() {
    closeAll(parts);
  }

  private static <T extends AutoCloseable> T keep(Deque<AutoCloseable> parts, T part) {
    parts.push(part);
    return part;
  }

  /** Last started, first closed; a part that fails to close does not keep the others open. */
  private static void closeAll(Deque<AutoCloseable> parts) {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (Exception e) {
        log.warn("{} did not close cleanly", part.getClass().getSimpleName(), e);
      }
    }
  }
}
