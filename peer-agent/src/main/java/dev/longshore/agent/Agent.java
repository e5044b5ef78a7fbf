package dev.longshore.agent;

import dev.longshore.agent.blob.Blobs;
import dev.longshore.agent.blob.FetchAhead;
import dev.longshore.agent.blob.MapFinder;
import dev.longshore.agent.mirror.Mirror;
import dev.longshore.agent.upstream.Upstream;
import dev.longshore.oci.client.CredentialsSource;
import dev.longshore.piece.TrustedKeys;
import dev.longshore.service.Closer;
import dev.longshore.service.Service;
import dev.longshore.service.StartFailedException;
import dev.longshore.service.http.HttpHandler;
import dev.longshore.service.http.HttpServer;
import dev.longshore.service.http.HttpServerConfig;
import dev.longshore.service.unit.DataSize;
import dev.longshore.service.unit.HostAndPort;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.member.ClusterKeyFile;
import dev.longshore.swarm.member.SwarmMember;
import dev.longshore.swarm.preheat.FetchQueue;
import dev.longshore.swarm.preheat.PreheatEndpoint;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/** One node's agent: a containerd mirror in front, a member of the swarm behind. */
public final class Agent implements Service {
  /** As many layers as containerd fetches at once; whoever pulls meanwhile has as much. */
  private static final int PREHEATED_AT_A_TIME = 3;

  /** With their pauses some twenty seconds: long enough for a registry that is restarted. */
  private static final int PREHEAT_ATTEMPTS = 4;

  private static final Duration PREHEAT_FIRST_PAUSE = Duration.ofSeconds(1);

  private final AgentConfig config;
  private final HttpServer server;
  private final SwarmMember member;
  private final Blobs blobs;
  private final PreheatEndpoint preheat;
  private final Closer opened;

  private Agent(
      AgentConfig config,
      HttpServer server,
      SwarmMember member,
      Blobs blobs,
      PreheatEndpoint preheat,
      Closer opened) {
    this.config = config;
    this.server = server;
    this.member = member;
    this.blobs = blobs;
    this.preheat = preheat;
    this.opened = opened;
  }

  /**
   * Starts an agent; its addresses are bound when this returns.
   *
   * @throws StartFailedException if it cannot start, with what to do about it
   */
  public static Agent start(AgentConfig config, MeterRegistry registry) throws Exception {
    TrustedKeys keys = ClusterKeyFile.loadPublic(config.clusterKey());
    Closer opened = new Closer();
    try {
      return start(config, registry, keys, opened);
    } catch (Exception | Error e) {
      opened.closeAfter(e);
      throw e;
    }
  }

  private static Agent start(
      AgentConfig config, MeterRegistry registry, TrustedKeys keys, Closer opened)
      throws Exception {
    Path data = config.data();
    InstantSource clock = InstantSource.system();
    AgentMetrics metrics = new AgentMetrics(registry);
    // Its own credentials are none: what needs a login is read with the caller's.
    SwarmMember member =
        opened.register(
            SwarmMember.start(
                config, PeerRole.AGENT, keys, CredentialsSource.anonymous(), null, registry));
    Duration seederWait = config.tracker().isEmpty() ? Duration.ZERO : config.seederWait();
    Blobs blobs =
        opened.register(
            new Blobs(
                member.store(),
                member.node()::download,
                new MapFinder(member.tracker(), member.tracker(), seederWait, metrics),
                member.sources(),
                member.held()::changed,
                data.resolve("spool"),
                config.stallTimeout(),
                metrics,
                clock));
    Upstream upstream =
        new Upstream(
            member.registries(),
            keys,
            blobs::read,
            data.resolve("manifests"),
            config.staleTags(),
            System::nanoTime);
    FetchAhead ahead = opened.register(new FetchAhead(blobs));
    FetchQueue queue =
        opened.register(
            new FetchQueue(
                PREHEATED_AT_A_TIME, PREHEAT_ATTEMPTS, PREHEAT_FIRST_PAUSE, metrics.preheats()));
    metrics.watchPreheats(queue::waiting, queue::running);
    HttpServer server =
        opened.register(
            HttpServer.bind(
                HttpServerConfig.of("mirror", config.mirror()),
                member.transport(),
                new Mirror(member.registries(), upstream, blobs, ahead, metrics),
                Mirror::answerFailure));
    server.bindTo(registry, "mirror");
    return new Agent(
        config,
        server,
        member,
        blobs,
        new PreheatEndpoint(new Preheating(upstream, blobs), queue, member.store()),
        opened);
  }

  @Override
  public Map<String, HostAndPort> addresses() {
    return Map.of("mirror", server.address(), "peer", member.address());
  }

  @Override
  public Map<String, HttpHandler> adminPaths() {
    return Map.of(PreheatEndpoint.PATH, preheat);
  }

  /** Where containerd's hosts.toml points. */
  public URI mirror() {
    return URI.create("http://" + server.address());
  }

  @Override
  public AgentState debug() {
    return new AgentState(
        member.node().self().toString(),
        member.store().bytesHeld(),
        config.quota().map(DataSize::bytes).orElse(null),
        diskFree(),
        blobs.transfers(),
        member.store().list().stream().map(AgentState.Blob::of).toList(),
        member.node().debug());
  }

  private long diskFree() {
    try {
      return Files.getFileStore(config.data()).getUsableSpace();
    } catch (IOException e) {
      return -1;
    }
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
  public void close() throws IOException {
    opened.close();
  }
}
