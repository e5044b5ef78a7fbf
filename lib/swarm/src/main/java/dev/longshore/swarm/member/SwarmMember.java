package dev.longshore.swarm.member;

import dev.longshore.oci.client.CredentialsSource;
import dev.longshore.piece.TrustedKeys;
import dev.longshore.service.Closer;
import dev.longshore.service.StartFailedException;
import dev.longshore.service.net.Transport;
import dev.longshore.service.unit.HostAndPort;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.discovery.WantedSink;
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
import java.io.Closeable;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A running member of the swarm: its store, its node, and its connections to trackers and sources.
 */
public final class SwarmMember implements Closeable {
  private static final Duration LOOK_AT_STORE_EVERY = Duration.ofSeconds(15);

  private final String listenHost;
  private final PieceStore store;
  private final Transport transport;
  private final TrackerClient tracker;
  private final SwarmNode node;
  private final Registries registries;
  private final SourceBook sources;
  private final HeldBlobs held;
  private final Closer opened;

  private SwarmMember(
      MemberConfig config,
      PeerRole role,
      TrustedKeys keys,
      CredentialsSource credentials,
      @Nullable WantedSink wanted,
      MeterRegistry registry,
      Closer opened)
      throws Exception {
    this.opened = opened;
    listenHost = config.peer().host();
    String name = role.name().toLowerCase(Locale.ROOT);
    store =
        opened.register(
            PieceStores.open(storeConfig(config), keys, InstantSource.system(), registry));
    transport = opened.register(Transport.chooseForNode(config.transport(), name));
    PeerId id = PeerId.random(new SecureRandom());
    SwarmNodeConfig member = nodeConfig(config, id, role);
    tracker =
        opened.register(
            TrackerClient.connect(
                config.tracker().stream().map(HostAndPort::toString).toList(),
                new PeerAddress(id, member.advertiseHost(), config.peer().port(), role),
                config.zone(),
                keys,
                wanted,
                registry));
    node = opened.register(SwarmNode.start(member, store, tracker, tracker, transport, registry));
    tracker.listeningOn(node.self().port());
    registries = opened.register(registries(config, credentials, "longshore-" + name));
    sources = SourceBook.open(config.data().resolve("sources"));
    held = opened.register(HeldBlobs.start(store, tracker, sources, LOOK_AT_STORE_EVERY));
  }

  /**
   * Starts a member; its address is bound when this returns.
   *
   * @param keys what piece maps are checked with
   * @param credentials its own logins at registries
   * @param wanted gets the blobs that a tracker asks a seeder for, from before this returns
   * @throws StartFailedException if it cannot start, with what to do about it
   */
  public static SwarmMember start(
      MemberConfig config,
      PeerRole role,
      TrustedKeys keys,
      CredentialsSource credentials,
      @Nullable WantedSink wanted,
      MeterRegistry registry)
      throws Exception {
    Closer opened = new Closer();
    try {
      return new SwarmMember(config, role, keys, credentials, wanted, registry, opened);
    } catch (Exception | Error e) {
      opened.closeAfter(e);
      throw e;
    }
  }

  private static StoreConfig storeConfig(MemberConfig config) {
    StoreConfig defaults = StoreConfig.defaults(config.data().resolve("store"));
    return config.quota().map(quota -> defaults.withQuota(quota.bytes())).orElse(defaults);
  }

  private static SwarmNodeConfig nodeConfig(MemberConfig config, PeerId id, PeerRole role) {
    SwarmNodeConfig member =
        SwarmNodeConfig.of(id, config.peer().host(), config.peer().port(), role)
            .withZone(config.zone())
            .withRates(config.uploadLimit(), config.downloadLimit());
    return config.advertise().map(member::withAdvertiseHost).orElse(member);
  }

  private static Registries registries(
      MemberConfig config, CredentialsSource credentials, String userAgent)
      throws StartFailedException {
    try {
      return new Registries(config.upstream(), credentials, userAgent);
    } catch (IllegalArgumentException e) {
      throw new StartFailedException("--upstream: " + e.getMessage(), e);
    }
  }

  /** Where other members connect. */
  public HostAndPort address() {
    return new HostAndPort(listenHost, node.self().port());
  }

  public PieceStore store() {
    return store;
  }

  public Transport transport() {
    return transport;
  }

  public TrackerClient tracker() {
    return tracker;
  }

  public SwarmNode node() {
    return node;
  }

  public Registries registries() {
    return registries;
  }

  public SourceBook sources() {
    return sources;
  }

  public HeldBlobs held() {
    return held;
  }

  @Override
  public void close() throws IOException {
    opened.close();
  }
}
