package dev.longshore.swarm.tracker;

import dev.longshore.oci.Digest;
import dev.longshore.piece.SignedPieceMap;
import dev.longshore.piece.TrustedKeys;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.discovery.LeaseBroker;
import dev.longshore.swarm.discovery.PeerSource;
import dev.longshore.swarm.discovery.PieceMapDirectory;
import dev.longshore.swarm.discovery.WantedSink;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A member's side of the trackers: one session to each, reopened for ever.
 *
 * <p>Works without them too: while none answers, {@link #find} is empty, {@link #join} only
 * registers, and {@link #request} grants by itself after a bounded wait.
 */
public final class TrackerClient
    implements PeerSource, LeaseBroker, PieceMapDirectory, AutoCloseable {

  /*
   * All state belongs to one loop thread. Public methods post to it; gRPC calls back on it. Sinks
   * for peers are called on it too; sinks for wanted blobs and completions of futures, which may
   * block, on virtual threads. What the trackers know of this member can be told again from here at
   * any time, which is what happens when a session opens.
   */

  /** A blob belongs to that many of the trackers. */
  static final int OWNERS = 2;

  private static final Duration LEASE_RENEWAL = Duration.ofSeconds(10);

  private final ClientLoop loop = new ClientLoop();
  private final EventLoopGroup eventLoops;
  private final Map<String, TrackerLink> links = new LinkedHashMap<>();
  private final Map<Digest, JoinedBlob> blobs = new HashMap<>();
  private final LeaseRequests leases;
  private final MapRequests maps;
  private final String zone;
  private final @Nullable WantedSink wanted;

  /** Owned by the loop thread, like the maps. */
  private ObjIntConsumer<Digest> holderCounts = (blob, others) -> {};

  private PeerAddress self;

  private TrackerClient(
      List<String> trackers,
      PeerAddress self,
      String zone,
      TrustedKeys keys,
      @Nullable WantedSink wanted,
      MeterRegistry registry) {
    this.self = isWildcard(self.host()) ? at(self, "", self.port()) : self;
    this.zone = zone;
    this.wanted = wanted;
    TrackerClientMetrics metrics = new TrackerClientMetrics(registry);
    eventLoops =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("tracker-client-io", true), NioIoHandler.newFactory());
    leases = new LeaseRequests(loop, metrics);
    maps = new MapRequests(loop, keys, metrics);
    Random random = new Random();
    for (String tracker : trackers) {
      TrackerLink link = new TrackerLink(tracker, eventLoops, loop, random, new Sessions());
      if (links.putIfAbsent(tracker, link) == null) {
        metrics.tracker(tracker, link::isConnected);
      }
    }
  }

  /** As below, without metrics. */
  public static TrackerClient connect(
      List<String> trackers,
      PeerAddress self,
      String zone,
      TrustedKeys keys,
      @Nullable WantedSink wanted) {
    return connect(trackers, self, zone, keys, wanted, new CompositeMeterRegistry());
  }

  /**
   * Starts to connect and returns at once.
   *
   * @param trackers {@code HOST:PORT} each, the same names in the same form on every member; may be
   *     empty
   * @param self what other members are told about this one. An empty or wildcard host stands for
   *     the address the tracker sees. With port 0 nothing is announced before {@link #listeningOn}.
   * @param zone REGION/ZONE/RACK, or empty
   * @param keys whose piece maps are believed
   * @param wanted for seeders: told which blobs to fetch, on a thread that may block
   */
  public static TrackerClient connect(
      List<String> trackers,
      PeerAddress self,
      String zone,
      TrustedKeys keys,
      @Nullable WantedSink wanted,
      MeterRegistry metrics) {
    TrackerClient client = new TrackerClient(trackers, self, zone, keys, wanted, metrics);
    if (self.port() != 0) {
      client.loop.post(() -> client.links.values().forEach(TrackerLink::open));
    }
    return client;
  }

  /** Tells the port this member listens on, once it is bound, to a client that got port 0. */
  public void listeningOn(int port) {
    loop.post(() -> {
      if (self.port() == 0) {
        self = at(self, self.host(), port);
        links.values().forEach(TrackerLink::open);
      }
    });
  }

  /**
   * {@inheritDoc}
   *
   * <p>The sink is called on the client's own thread and must not block.
   */
  @Override
  public Registration join(Digest blob, long size, SourceRef source, PeerSink sink) {
    loop.post(() -> {
      JoinedBlob joined = blobs.computeIfAbsent(blob, d -> joinedOrStranger(d));
      joined.add(size, source, sink);
      joined.owners.forEach(owner -> owner.joined(joined));
      joined.announce();
    });
    return new JoinedSwarm(blob, sink, blobs, loop);
  }

  /**
   * {@inheritDoc}
   *
   * <p>The sink is called on the client's own thread and must not block. A later call takes the
   * answers that are still to come to an earlier one.
   */
  @Override
  public void countHolders(List<Digest> blobs, ObjIntConsumer<Digest> sink) {
    loop.post(() -> {
      holderCounts = sink;
      Map<TrackerLink, List<Digest>> asked = new LinkedHashMap<>();
      for (Digest blob : blobs) {
        owners(blob).stream()
            .filter(TrackerLink::isReady)
            .findFirst()
            .ifPresent(owner -> asked.computeIfAbsent(owner, o -> new ArrayList<>()).add(blob));
      }
      asked.forEach((owner, some) ->
          owner.send(
              new MemberMessage.CountHolders(
                  some.subList(0, Math.min(some.size(), MemberMessage.CountHolders.MOST)))));
    });
  }

  @Override
  public void distrust(PeerId peer) {
    loop.post(() -> links.values().forEach(link -> link.send(new MemberMessage.Distrust(peer))));
  }

  @Override
  public CompletableFuture<LeaseReply> request(Digest blob, int pieces, BitSet wanted, int max) {
    CompletableFuture<LeaseReply> reply = new CompletableFuture<>();
    BitSet copy = (BitSet) wanted.clone();
    if (!loop.post(() -> leases.ask(joinedOrStranger(blob), copy, max, reply))) {
      reply.complete(new LeaseReply(new BitSet(), Duration.ZERO, Duration.ofSeconds(1)));
    }
    return reply;
  }

  @Override
  public void done(Digest blob, BitSet pieces) {
    BitSet copy = (BitSet) pieces.clone();
    loop.post(() -> {
      JoinedBlob joined = blobs.get(blob);
      if (joined != null) {
        joined.done(copy, System.nanoTime() + LEASE_RENEWAL.toNanos());
        joined.tell(new MemberMessage.LeaseDone(blob, copy));
      }
    });
  }

  @Override
  public void release(Digest blob, BitSet pieces) {
    BitSet copy = (BitSet) pieces.clone();
    loop.post(() -> {
      JoinedBlob joined = blobs.get(blob);
      if (joined != null) {
        joined.reading.andNot(copy);
        joined.tell(new MemberMessage.LeaseReleased(blob, copy));
      }
    });
  }

  @Override
  public CompletableFuture<Optional<SignedPieceMap>> find(Digest blob, Duration wait) {
    CompletableFuture<Optional<SignedPieceMap>> answer = new CompletableFuture<>();
    if (!loop.post(() -> maps.find(blob, owners(blob), wait, answer))) {
      answer.complete(Optional.empty());
    }
    return answer;
  }

  @Override
  public void publish(SignedPieceMap map) {
    loop.post(() -> {
      byte[] encoded = maps.published(map);
      Digest blob = map.map().digest();
      owners(blob).forEach(owner -> owner.send(new MemberMessage.PublishMap(blob, encoded)));
    });
  }

  /** Leaves every swarm and answers what is open with nothing. Idempotent. */
  @Override
  public void close() {
    if (!loop.end()) {
      return;
    }
    try {
      loop.runLast(() -> {
        leases.close();
        maps.close();
        links.values().forEach(TrackerLink::close);
      });
      for (TrackerLink link : links.values()) {
        link.awaitClosed();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      loop.shutdown();
      var _ = eventLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }

  // On the loop

  /** A blob that was not joined is nothing to remember: trackers lease to members only. */
  private JoinedBlob joinedOrStranger(Digest digest) {
    JoinedBlob joined = blobs.get(digest);
    return joined != null
        ? joined
        : new JoinedBlob(digest, owners(digest), new SelfGrant(self.id(), new Random()));
  }

  private List<TrackerLink> owners(Digest blob) {
    return Rendezvous.rank(blob, List.copyOf(links.keySet())).stream()
        .limit(OWNERS)
        .map(name -> Objects.requireNonNull(links.get(name)))
        .toList();
  }

  private final class Sessions implements TrackerLink.Listener {
    @Override
    public void connected(TrackerLink link) {
      long now = System.nanoTime();
      link.send(new MemberMessage.Hello(self, zone));
      for (JoinedBlob blob : blobs.values()) {
        if (blob.owners.contains(link)) {
          blob.story(now).forEach(message -> link.tell(blob, message));
        }
      }
      maps.published()
          .forEach((blob, encoded) -> {
            if (owners(blob).contains(link)) {
              link.send(new MemberMessage.PublishMap(blob, encoded));
            }
          });
      maps.connected(link);
      leases.connected();
    }

    @Override
    public void received(TrackerLink link, TrackerMessage message) {
      switch (message) {
        case TrackerMessage.Peers m -> {
          JoinedBlob blob = blobs.get(m.blob());
          if (blob != null) {
            m.peers().stream()
                .filter(peer -> !peer.id().equals(self.id()) && !peer.host().isEmpty())
                .forEach(blob::found);
          }
        }
        case TrackerMessage.MapFound m -> maps.answered(link, m);
        case TrackerMessage.LeaseAnswer m -> leases.answered(link, m);
        case TrackerMessage.HolderCounts m ->
            m.counts().forEach(count -> holderCounts.accept(count.blob(), count.others()));
        case TrackerMessage.Wanted m -> {
          if (wanted != null) {
            Workers.VIRTUAL.execute(() -> wanted.wanted(m.blob(), m.size(), m.source()));
          }
        }
      }
    }

    @Override
    public void disconnected(TrackerLink link) {
      leases.disconnected(link);
      maps.disconnected(link);
    }
  }

  private static boolean isWildcard(String host) {
    return host.isEmpty() || host.equals("0.0.0.0") || host.equals("::") || host.equals("[::]");
  }

  private static PeerAddress at(PeerAddress peer, String host, int port) {
    return new PeerAddress(peer.id(), host, port, peer.role());
  }
}
