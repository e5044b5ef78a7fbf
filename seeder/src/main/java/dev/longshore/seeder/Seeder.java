package dev.longshore.seeder;

import dev.longshore.oci.client.CredentialsSource;
import dev.longshore.piece.ClusterKey;
import dev.longshore.piece.LonePieceMap;
import dev.longshore.service.Closer;
import dev.longshore.service.Service;
import dev.longshore.service.StartFailedException;
import dev.longshore.service.http.HttpHandler;
import dev.longshore.service.unit.HostAndPort;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.Priority;
import dev.longshore.swarm.discovery.WantedSink;
import dev.longshore.swarm.member.ClusterKeyFile;
import dev.longshore.swarm.member.SwarmMember;
import dev.longshore.swarm.preheat.FetchQueue;
import dev.longshore.swarm.preheat.PreheatEndpoint;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A swarm member that fetches what others want, and seeds it. */
public final class Seeder implements Service {
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final int ATTEMPTS = 6;

  private final SwarmMember member;
  private final FetchQueue queue;
  private final PreheatEndpoint preheat;
  private final Closer opened;

  private Seeder(SwarmMember member, FetchQueue queue, PreheatEndpoint preheat, Closer opened) {
    this.member = member;
    this.queue = queue;
    this.preheat = preheat;
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
    CompletableFuture<Consumer<WantedBlob>> queueToCome = new CompletableFuture<>();
    WantedSink wanted =
        (blob, size, source) -> {
          if (LonePieceMap.isPossible(blob, size)) {
            return; // needs no map, and whoever wants it reads it under a lease
          }
          var _ = queueToCome.thenAccept(queue -> queue.accept(new WantedBlob(blob, size, source)));
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
    FetchQueue queue =
        opened.register(new FetchQueue(config.parallel(), ATTEMPTS, FIRST_PAUSE, metrics));
    metrics.watch(queue::waiting, queue::running);
    queueToCome.complete(blob -> {
      // A tracker repeats a wish that is refused.
      var _ =
          queue.want(
              blob.digest(),
              blob.size(),
              blob.source(),
              Priority.FOREGROUND,
              new FetchQueue.Fetch() {
                @Override
                public void run(Priority priority) throws IOException, InterruptedException {
                  fetcher.fetch(blob, priority);
                }

                @Override
                public void raise(Priority to) {
                  fetcher.raise(blob.digest(), to);
                }
              });
    });
    Preheating preheating = new Preheating(member.registries(), fetcher);
    return new Seeder(
        member, queue, new PreheatEndpoint(preheating, queue, member.store()), opened);
  }

  @Override
  public Map<String, HostAndPort> addresses() {
    return Map.of("peer", member.address());
  }

  @Override
  public Map<String, HttpHandler> adminPaths() {
    return Map.of(PreheatEndpoint.PATH, preheat);
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
