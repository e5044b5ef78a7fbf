package dev.longshore.origin;

import dev.longshore.origin.api.DistributionApi;
import dev.longshore.origin.auth.Authenticator;
import dev.longshore.origin.metadata.Metadata;
import dev.longshore.origin.metadata.SqliteMetadata;
import dev.longshore.origin.metrics.OriginMetrics;
import dev.longshore.origin.registry.LayerIndexes;
import dev.longshore.origin.registry.Registry;
import dev.longshore.origin.store.BlobStore;
import dev.longshore.origin.store.LocalBlobStore;
import dev.longshore.piece.ClusterKey;
import dev.longshore.piece.TrustedKeys;
import dev.longshore.service.Closer;
import dev.longshore.service.Service;
import dev.longshore.service.StartFailedException;
import dev.longshore.service.http.HttpServer;
import dev.longshore.service.http.HttpServerConfig;
import dev.longshore.service.net.Transport;
import dev.longshore.service.unit.HostAndPort;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running origin registry. */
public final class Origin implements Service {
  private static final Logger log = LoggerFactory.getLogger(Origin.class);

  private final OriginConfig config;
  private final ClusterKey key;
  private final Closer opened;
  private final HttpServer server;
  private final Registry registry;
  private final Metadata metadata;
  private final Authenticator authenticator;

  private Origin(
      OriginConfig config,
      ClusterKey key,
      Closer opened,
      HttpServer server,
      Registry registry,
      Metadata metadata,
      Authenticator authenticator) {
    this.config = config;
    this.key = key;
    this.opened = opened;
    this.server = server;
    this.registry = registry;
    this.metadata = metadata;
    this.authenticator = authenticator;
  }

  /** Starts an origin inside this process, with meters of its own. */
  public static Origin start(OriginConfig config) throws Exception {
    return start(config, new SimpleMeterRegistry(), log::info);
  }

  /**
   * Starts an origin; it serves when this returns.
   *
   * @param announce gets the lines that the operator must see, once the password of a new admin
   */
  public static Origin start(OriginConfig config, MeterRegistry meters, Consumer<String> announce)
      throws Exception {
    Closer opened = new Closer();
    try {
      return start(config, meters, announce, opened);
    } catch (Exception | Error e) {
      opened.closeAfter(e);
      throw e;
    }
  }

  private static Origin start(
      OriginConfig config, MeterRegistry meters, Consumer<String> announce, Closer opened)
      throws Exception {
    createDirectory(config.data());
    opened.register(DataLock.take(config.data()));
    Path keyFile = config.clusterKey().orElse(config.data().resolve("cluster.key"));
    ClusterKey key = ClusterKey.loadOrCreate(keyFile);
    Clock clock = Clock.systemUTC();
    BlobStore store = opened.register(LocalBlobStore.open(config.data(), config.reserve().bytes()));
    Metadata metadata =
        opened.register(SqliteMetadata.open(config.data().resolve("metadata.db"), clock));
    boolean loopback = config.listen().isLoopback();
    Authenticator authenticator =
        opened.register(
            new Authenticator(
                metadata, loopback && config.anonymous() == OriginConfig.Anonymous.LOOPBACK));
    Registry registry =
        opened.register(
            Registry.open(
                store,
                metadata,
                key,
                new Registry.CacheSizes(config.manifestCache().bytes(), config.blobCache().bytes()),
                config.uploadExpiry(),
                clock));
    OriginMetrics metrics = metrics(meters, registry);
    Transport transport = opened.register(Transport.choose(config.transport(), "origin-http"));
    announceAccess(authenticator, config, announce);
    DistributionApi api = new DistributionApi(registry, authenticator, metrics);
    HttpServer server =
        opened.register(
            HttpServer.bind(
                HttpServerConfig.of("listen", config.listen()), transport, api, api.errors()));
    if (loopback && !server.address().isLoopback()) {
      throw new StartFailedException(
          "--listen "
              + config.listen()
              + " was a loopback address a moment ago and is now "
              + server.address()
              + "; give the address itself");
    }
    announce.accept("The origin serves http://" + server.address() + "/v2/ from " + config.data());
    announce.accept("Agents need its public key: --cluster-key " + keyFile + ".pub");
    return new Origin(config, key, opened, server, registry, metadata, authenticator);
  }

  private static void createDirectory(Path data) throws StartFailedException {
    try {
      Files.createDirectories(data);
    } catch (IOException e) {
      throw new StartFailedException(
          "cannot create the directory --data " + data + ": " + e.getMessage(), e);
    }
  }

  private static void announceAccess(
      Authenticator authenticator, OriginConfig config, Consumer<String> announce)
      throws IOException, InterruptedException {
    if (authenticator.allowsAnonymous()) {
      announce.accept(
          "Everybody on this machine may push and pull without an account, because --listen "
              + config.listen()
              + " is a loopback address (--anonymous none forbids it)");
      return;
    }
    Optional<String> password = authenticator.createAdmin();
    announce.accept("Push and pull need an account");
    password.ifPresent(secret ->
        announce.accept(
            "Created the account "
                + Authenticator.ADMIN
                + " with password "
                + secret
                + " (shown only this once)"));
  }

  private static OriginMetrics metrics(MeterRegistry meters, Registry registry) {
    OriginMetrics metrics = new OriginMetrics(meters);
    metrics.uploadSessions(registry.uploads()::open);
    metrics.pieceMapBacklog(registry.pieceMaps()::backlog);
    LayerIndexes indexes = registry.layerIndexes();
    metrics.layerIndexBacklog(indexes::backlog);
    metrics.layerIndexes("built", indexes::built);
    metrics.layerIndexes("impossible", indexes::impossible);
    metrics.layerIndexes("failed", indexes::failed);
    metrics.layerIndexNanos(indexes::busyNanos);
    metrics.cacheHitRatio("manifest", registry::manifestHitRatio);
    metrics.cacheHitRatio("blob", registry::blobHitRatio);
    return metrics;
  }

  /** Where the registry is served, with its real port. */
  public HostAndPort address() {
    return server.address();
  }

  /** What an agent needs to trust what this origin signs. */
  public TrustedKeys trustedKeys() {
    return key.trusted();
  }

  @Override
  public Map<String, HostAndPort> addresses() {
    return Map.of("listen", address());
  }

  @Override
  public Object debug() {
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("listen", address().toString());
    state.put("data", config.data().toString());
    state.put("anonymous", authenticator.allowsAnonymous());
    state.put("openUploads", registry.uploads().open());
    state.put("unfinishedUploads", unfinishedUploads());
    state.put("pieceMapBacklog", registry.pieceMaps().backlog());
    state.put("layerIndexBacklog", registry.layerIndexes().backlog());
    state.put("manifestHitRatio", registry.manifestHitRatio());
    state.put("blobHitRatio", registry.blobHitRatio());
    return state;
  }

  private Object unfinishedUploads() {
    try {
      return metadata.uploadCount();
    } catch (IOException e) {
      return "unknown: " + e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "unknown: interrupted";
    }
  }

  @Override
  public void stop(Duration grace) {
    server.stop(grace);
  }

  @Override
  public void close() throws IOException {
    opened.close();
  }
}
