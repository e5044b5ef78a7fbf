package dev.longshore.agent;

import dev.longshore.agent.blob.Blobs;
import dev.longshore.agent.blob.MapFinder;
import dev.longshore.agent.mirror.Mirror;
import dev.longshore.agent.upstream.Upstream;
import dev.longshore.oci.client.CredentialsSource;
import dev.longshore.piece.TrustedKeys;
import dev.longshore.service.Service;
import dev.longshore.service.StartFailedException;
import dev.longshore.service.http.HttpServer;
import dev.longshore.service.http.HttpServerConfig;
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
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One node's agent: a containerd mirror in front, a member of the swarm behind. */
public final class Agent implements Service {
  private static final Logger log = LoggerFactory.getLogger(Agent.class);

  private static final Duration LOOK_AT_STORE_EVERY = Duration.ofSeconds(15);

  private final HttpServer server;
  private final String listenHost;
  private final SwarmNode node;
  private final PieceStore store;
  private final Blobs blobs;
  private final Deque<AutoCloseable> parts;

  private Agent(
      String listenHost,
      HttpServer server,
      SwarmNode node,
      PieceStore store,
      Blobs blobs,
      Deque<AutoCloseable> parts) {
    this.listenHost = listenHost;
    this.server = server;
    this.node = node;
    this.store = store;
    this.blobs = blobs;
    this.parts = parts;
  }

  /**
   * Starts an agent; its addresses are bound when this returns.
   *
   * @throws StartFailedException if it cannot start, with what to do about it
   */
  public static Agent start(AgentConfig config, MeterRegistry registry) throws Exception {
    TrustedKeys keys = trustedKeys(config);
    Deque<AutoCloseable> parts = new ArrayDeque<>();
    try {
      return start(config, registry, keys, parts);
    } catch (Exception e) {
      closeAll(parts);
      throw e;
    }
  }

  private static Agent start(
      AgentConfig config, MeterRegistry registry, TrustedKeys keys, Deque<AutoCloseable> parts)
      throws Exception {
    Path data = config.data();
    InstantSource clock = InstantSource.system();
    AgentMetrics metrics = new AgentMetrics(registry);
    PieceStore store = keep(parts, PieceStores.open(storeConfig(config), keys, clock, registry));
    Transport transport = keep(parts, Transport.chooseForNode(config.transport(), "agent"));
    PeerId id = PeerId.random(new SecureRandom());
    SwarmNodeConfig member = member(config, id);
    TrackerClient tracker =
        keep(
            parts,
            TrackerClient.connect(
                config.tracker().stream().map(HostAndPort::toString).toList(),
                new PeerAddress(id, member.advertiseHost(), config.peer().port(), PeerRole.AGENT),
                config.zone(),
                keys,
                null,
                registry));
    SwarmNode node =
        keep(parts, SwarmNode.start(member, store, tracker, tracker, transport, registry));
    tracker.listeningOn(node.self().port());
    Registries registries = keep(parts, registries(config));
    SourceBook sources = SourceBook.open(data.resolve("sources"));
    HeldBlobs held = keep(parts, HeldBlobs.start(store, tracker, sources, LOOK_AT_STORE_EVERY));
    Upstream upstream =
        new Upstream(registries, keys, data.resolve("manifests"), config.staleTags(), clock);
    Duration seederWait = config.tracker().isEmpty() ? Duration.ZERO : config.seederWait();
    Blobs blobs =
        keep(
            parts,
            new Blobs(
                store,
                node::download,
                new MapFinder(tracker, tracker, seederWait),
                sources,
                held::changed,
                data.resolve("spool"),
                config.stallTimeout(),
                metrics,
                clock));
    HttpServer server =
        keep(
            parts,
            HttpServer.bind(
                HttpServerConfig.of("mirror", config.mirror()),
                transport,
                new Mirror(registries, upstream, blobs, metrics),
                Mirror::answerFailure));
    server.bindTo(registry, "mirror");
    return new Agent(config.peer().host(), server, node, store, blobs, parts);
  }

  private static SwarmNodeConfig member(AgentConfig config, PeerId id) {
    SwarmNodeConfig member =
        SwarmNodeConfig.of(id, config.peer().host(), config.peer().port(), PeerRole.AGENT)
            .withZone(config.zone())
            .withRates(config.uploadLimit(), config.downloadLimit());
    return config.advertise().map(member::withAdvertiseHost).orElse(member);
  }

  private static Registries registries(AgentConfig config) throws StartFailedException {
    try {
      // Its own credentials are none: what needs a login is read with the caller's.
      return new Registries(config.upstream(), CredentialsSource.anonymous(), "longshore-agent");
    } catch (IllegalArgumentException e) {
      throw new StartFailedException("--upstream: " + e.getMessage(), e);
    }
  }

  private static StoreConfig storeConfig(AgentConfig config) {
    StoreConfig defaults = StoreConfig.defaults(config.data().resolve("store"));
    return config.quota().map(quota -> defaults.withQuota(quota.bytes())).orElse(defaults);
  }

  private static TrustedKeys trustedKeys(AgentConfig config) throws StartFailedException {
    String where =
        "; the origin writes it to its DATA/cluster.key.pub at first start: copy that file here and"
            + " give its path";
    Path file =
        config
            .clusterKey()
            .orElseThrow(() ->
                new StartFailedException(
                    "--cluster-key FILE is needed: the public key that piece maps are checked"
                        + " with"
                        + where));
    if (!Files.exists(file)) {
      throw new StartFailedException("--cluster-key " + file + " does not exist" + where);
    }
    try {
      return TrustedKeys.load(file);
    } catch (IOException e) {
      throw new StartFailedException("--cluster-key: " + e.getMessage() + where, e);
    }
  }

  @Override
  public Map<String, HostAndPort> addresses() {
    return Map.of(
        "mirror", server.address(), "peer", new HostAndPort(listenHost, node.self().port()));
  }

  /** Where containerd's hosts.toml points. */
  public URI mirror() {
    return URI.create("http://" + server.address());
  }

  @Override
  public AgentState debug() {
    return new AgentState(
        node.self().toString(),
        store.bytesHeld(),
        blobs.transfers(),
        store.list().stream().map(AgentState.Blob::of).toList(),
        node.debug());
  }

  @Override
  public List<String> notReady() {
    return List.of(); // a mirror without trackers or registries still serves what it holds
  }

  @Override
  public void stop(Duration grace) {
    server.stop(grace);
  }

  @Override
  public void close() throws Exception {
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
