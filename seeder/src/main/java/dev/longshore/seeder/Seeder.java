package dev.longshore.seeder;

import dev.longshore.oci.client.CredentialsSource;
import dev.longshore.piece.ClusterKey;
import dev.longshore.service.Closer;
import dev.longshore.service.Service;
import dev.longshore.service.StartFailedException;
import dev.longshore.service.unit.HostAndPort;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.discovery.WantedSink;
import dev.longshore.swarm.member.ClusterKeyFile;
import dev.longshore.swarm.member.SwarmMember;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A swarm member that fetches what others want, and seeds it. */
public final class Seeder implements Service {
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

  private final SwarmMember member;
  private final SeedQueue queue;
  private final Closer opened;

  private Seeder(SwarmMember member, SeedQueue queue, Closer opened) {
    this.member = member;
    this.queue = queue;
    this.opened = opened;
  }

  /**
   * Starts a seeder; its addresses are bound when this returns.
   *
   * @throws StartFailedException if it cannot start, with what to do about it
   */
  public static Seeder start(SeederConfig config, MeterRegistry registry) throws Exception {
    ClusterKey key = ClusterKeyFile.loadPrivate(config.clusterKey());
    Closer opened = new Closer();
    try {
      return start(config, registry, key, opened);
    } catch (Exception | Error e) {
      opened.closeAfter(e);
      throw e;
    }
  }

  private static Seeder start(
      SeederConfig config, MeterRegistry registry, ClusterKey key, Closer opened) throws Exception {
    SeederMetrics metrics = new SeederMetrics(registry);
    CredentialsSource credentials =
        config
            .registryAuth()
            .map(CredentialsSource::dockerConfig)
            .orElse(CredentialsSource.anonymous());
    // A tracker may call before the node listens: its wishes wait for the queue.
    CompletableFuture<SeedQueue> queueToCome = new CompletableFuture<>();
    WantedSink wanted =
        (blob, size, source) -> {
          var _ = queueToCome.thenAccept(queue -> queue.want(new WantedBlob(blob, size, source)));
        };
    SwarmMember member =
        opened.register(
            SwarmMember.start(
                config, PeerRole.SEEDER, key.trusted(), credentials, wanted, registry));
    SeedFetcher fetcher =
        new SeedFetcher(
            member.store(),
            member.node(),
            member.tracker(),
            member.tracker(),
            member.registries(),
            key,
            member.sources(),
            member.held(),
            config.data().resolve("spool"),
            metrics);
    SeedQueue queue =
        opened.register(new SeedQueue(config.parallel(), FIRST_PAUSE, fetcher, metrics));
    queueToCome.complete(queue);
    return new Seeder(member, queue, opened);
  }

  @Override
  public Map<String, HostAndPort> addresses() {
    return Map.of("peer", member.address());
  }

  @Override
  public Object debug() {
    return new SeederState(
        member.node().self().toString(),
        member.store().bytesHeld(),
        queue.reports(),
        member.store().list().stream()
            .map(blob ->
                new SeederState.Blob(
                    blob.digest().toString(), blob.size(), blob.pieces(), blob.held()))
            .toList(),
        member.node().debug());
  }

  @Override
  public void close() throws IOException {
    opened.close();
  }
}
