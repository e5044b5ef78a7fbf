package dev.longshore.swarm.node;

import dev.longshore.oci.Digest;
import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.VouchedPieceMap;
import dev.longshore.service.net.ListenFailedException;
import dev.longshore.service.net.TokenBucket;
import dev.longshore.service.net.Transport;
import dev.longshore.service.unit.HostAndPort;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.Priority;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.discovery.LeaseBroker;
import dev.longshore.swarm.discovery.PeerSource;
import dev.longshore.swarm.store.PieceStore;
import dev.longshore.swarm.store.PieceStore.BlobSummary;
import dev.longshore.swarm.store.StoredBlob;
import dev.longshore.swarm.wire.GoodbyeReason;
import dev.longshore.swarm.wire.PieceBuffers;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One member of the swarm: it listens for other members, dials them, downloads blobs and serves
 * what its store holds. Thread-safe.
 */
public final class SwarmNode implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SwarmNode.class);
  private static final long SWEEP_SECONDS = 60;
  private static final long GOODBYE_SECONDS = 3;

  /** A blob that was here before this process: nobody needs to be told where it came from. */
  private static final SourceRef NOWHERE = new SourceRef("", "");

  private final PieceStore store;
  private final Channel listener;
  private final NodeParts parts;
  private final Announcements announcements;
  private final AtomicLong claimIds = new AtomicLong();
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Held while a blob is opened, which blocks; {@link #active} is guarded by itself. */
  private final ReentrantLock opening = new ReentrantLock();

  private final Map<Digest, ClaimedTransfer> active = new HashMap<>();

  private SwarmNode(
      PieceStore store, Channel listener, NodeParts parts, Announcements announcements) {
    this.store = store;
    this.listener = listener;
    this.parts = parts;
    this.announcements = announcements;
  }

  /**
   * Starts to listen and to serve what the store holds.
   *
   * @param store outlives the node, which does not close it
   * @param peers who else takes part in a blob
   * @param leases permission to read the source
   * @param transport event loops; outlives the node
   * @param metrics where {@link SwarmMetrics} go
   * @throws ListenFailedException if the address cannot be bound
   */
  public static SwarmNode start(
      SwarmNodeConfig config,
      PieceStore store,
      PeerSource peers,
      LeaseBroker leases,
      Transport transport,
      MeterRegistry metrics)
      throws IOException {
    CompletableFuture<SwarmNode> started = new CompletableFuture<>();
    Channel listener = listen(config, transport, started);
    int port = ((InetSocketAddress) listener.localAddress()).getPort();
    Meters meters = new Meters(metrics);
    BanList bans = new BanList(System::nanoTime);
    ConnectionTable table = new ConnectionTable(config.id(), config.limits());
    ByteBudget budget = new ByteBudget(config.limits().inFlightBytes());
    ExecutorService background = Executors.newVirtualThreadPerTaskExecutor();
    long now = System.nanoTime();
    NodeParts parts =
        new NodeParts(
            config,
            port,
            transport,
            leases,
            meters,
            budget,
            new PieceBuffers(),
            new PieceVerifier(Runtime.getRuntime().availableProcessors(), meters),
            bans,
            new UploadTurns(
                TokenBucket.of(config.upload(), now), transport.eventLoops(), System::nanoTime),
            TokenBucket.of(config.download(), now),
            new DownloadTurns(config.download(), transport.eventLoops(), System::nanoTime),
            new SharedBlobs(store, config.upload()),
            table,
            new Dialer(
                config,
                transport,
                bans,
                table,
                background,
                peer -> started.join().newConnection(peer)),
            background,
            new SourceThreads(background));
    SwarmNode node = new SwarmNode(store, listener, parts, new Announcements(peers));
    meters.gauge(SwarmMetrics.CONNECTIONS, table::size);
    meters.gauge(SwarmMetrics.IN_FLIGHT, budget::used);
    meters.gauge(SwarmMetrics.DOWNLOADS, node::running);
    started.complete(node);
    background.execute(node::offerAll);
    node.scheduleSweep();
    return node;
  }

  /** Binds; connections that come before the node is whole wait in the backlog. */
  private static Channel listen(
      SwarmNodeConfig config, Transport transport, CompletableFuture<SwarmNode> started)
      throws ListenFailedException {
    ChannelFuture bound =
        PeerChannels.configure(transport.attach(new ServerBootstrap()))
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    SwarmNode node = started.getNow(null);
                    if (node == null || !node.accepts(channel)) {
                      var _ = channel.close();
                    } else {
                      node.newConnection(null).install(channel);
                    }
                  }
                })
            .bind(config.listenHost(), config.listenPort())
            .awaitUninterruptibly();
    Throwable failure = bound.cause();
    if (failure != null) {
      throw ListenFailedException.of(
          "peer", new HostAndPort(config.listenHost(), config.listenPort()), failure);
    }
    return bound.channel();
  }

  private boolean accepts(Channel channel) {
    InetSocketAddress remote = (InetSocketAddress) channel.remoteAddress();
    return !closed.get()
        && remote != null
        && (remote.getAddress().isLoopbackAddress()
            || !parts.bans().isBanned(remote.getAddress(), 0));
  }

  private PeerConnection newConnection(@Nullable PeerAddress dialed) {
    return new PeerConnection(parts, dialed, this::admitted);
  }

  /** A peer has said who it is: downloads that heard of it ask it for what it has. */
  private void admitted(PeerConnection connection) {
    List<BlobTransfer> wanting;
    synchronized (active) {
      wanting =
          active.values().stream()
              .map(each -> each.transfer)
              .filter(transfer -> transfer.wants(connection.peerId()))
              .toList();
    }
    for (BlobTransfer transfer : wanting) {
      SharedBlob blob = parts.blobs().retained(transfer.digest());
      if (blob != null) {
        connection.join(blob);
      }
    }
  }

  /** This member as others find it, with the port that was bound. */
  public PeerAddress self() {
    SwarmNodeConfig config = parts.config();
    return new PeerAddress(config.id(), config.advertiseHost(), parts.listenPort(), config.role());
  }

  /** Claims the download of a whole blob; see the other one. */
  public SwarmDownload download(
      VouchedPieceMap map, SourceRef source, @Nullable SourceReader reader, Priority priority)
      throws IOException {
    return download(map, source, reader, priority, Scope.WHOLE);
  }

  /**
   * Claims the download of a blob: joins the one under way, or starts it; a blob that is complete
   * gives a download that is. Blocks for disk only.
   *
   * @param source where the blob comes from, told to whoever finds peers
   * @param reader reads pieces at the source when no peer has them; null: this member never does
   * @param priority how urgent this claim is; a download is as urgent as its most urgent claim
   * @param scope how much of the blob this claim wants; a download of which all claims want ranges
   *     fetches those and no more
   * @throws dev.longshore.swarm.store.StoreFullException if there is no room for the blob
   */
  public SwarmDownload download(
      VouchedPieceMap map,
      SourceRef source,
      @Nullable SourceReader reader,
      Priority priority,
      Scope scope)
      throws IOException {
    opening.lock();
    try {
      if (closed.get()) {
        throw new IOException("the swarm node is closed; nothing can be downloaded");
      }
      StoredBlob claimed = store.open(map);
      ClaimedTransfer claim = null;
      try {
        claim = claim(map, source, reader, priority, scope);
      } finally {
        if (claim == null) {
          claimed.close();
        }
      }
      ClaimedTransfer held = claim;
      return new DownloadClaim(
          held.transfer,
          claimed,
          scope,
          claimIds.incrementAndGet(),
          () -> unclaim(held, priority, scope));
    } finally {
      opening.unlock();
    }
  }

  private ClaimedTransfer claim(
      VouchedPieceMap map,
      SourceRef source,
      @Nullable SourceReader reader,
      Priority priority,
      Scope scope)
      throws IOException {
    Digest digest = map.map().digest();
    synchronized (active) {
      ClaimedTransfer running = active.get(digest);
      if (running != null && (!running.transfer.isOver() || running.transfer.isComplete())) {
        running.claimed(priority, scope);
        running.transfer.readAlso(reader);
        return running;
      }
    }
    SharedBlob blob = parts.blobs().open(map);
    int held = blob.stored().held().cardinality();
    BlobTransfer transfer = new BlobTransfer(parts, blob, reader, priority, owner);
    ClaimedTransfer fresh = new ClaimedTransfer(transfer);
    fresh.claimed(priority, scope); // told what is wanted before it starts
    synchronized (active) {
      active.put(digest, fresh);
    }
    if (held == blob.layout().count()) {
      announcements.offer(digest, blob.layout(), source);
    } else {
      // Before the start: leases go to members only.
      announcements.seek(transfer, blob.layout(), source, held);
    }
    transfer.start();
    return fresh;
  }

  private void unclaim(ClaimedTransfer claim, Priority priority, Scope scope) {
    synchronized (active) {
      if (claim.unclaimed(priority, scope)) {
        return;
      }
      active.remove(claim.transfer.digest(), claim);
    }
    claim.transfer.stop("the download of " + claim.transfer.digest() + " was stopped");
  }

  private final BlobTransfer.Owner owner =
      new BlobTransfer.Owner() {
        @Override
        public void progressed(BlobTransfer transfer, int held) {
          announcements.progress(transfer.digest(), held, transfer.blob().layout().count());
        }

        @Override
        public void deceivedBy(PeerId peer) {
          announcements.distrust(peer);
        }

        @Override
        public void ended(BlobTransfer transfer) {
          if (transfer.isComplete()) {
            announcements.found(transfer.digest());
            return;
          }
          boolean replaced;
          synchronized (active) {
            ClaimedTransfer current = active.get(transfer.digest());
            replaced = current != null && current.transfer != transfer;
            if (!replaced) {
              active.remove(transfer.digest());
            }
          }
          if (!replaced) {
            announcements.withdraw(transfer.digest());
          }
        }
      };

  private int running() {
    synchronized (active) {
      return Math.toIntExact(
          active.values().stream().filter(each -> !each.transfer.isOver()).count());
    }
  }

  private void offerAll() {
    for (BlobSummary blob : store.list()) {
      if (closed.get()) {
        return;
      }
      if (blob.complete()) {
        announcements.offer(blob.digest(), PieceLayout.forSize(blob.size()), NOWHERE);
      }
    }
  }

  private void scheduleSweep() {
    var _ =
        parts
            .transport()
            .eventLoops()
            .next()
            .schedule(
                () -> {
                  if (!closed.get()) {
                    try {
                      parts.background().execute(this::sweep);
                    } catch (RejectedExecutionException e) {
                      log.debug("no more sweeps: the node is closing");
                    }
                  }
                },
                SWEEP_SECONDS,
                TimeUnit.SECONDS);
  }

  /** What the store has evicted is not announced any more, what others put there is. */
  private void sweep() {
    for (Digest digest : announcements.offered()) {
      try (StoredBlob blob = store.find(digest).orElse(null)) {
        if (blob == null || !blob.complete()) {
          announcements.withdraw(digest);
        }
      } catch (IOException e) {
        log.warn("cannot look up {} in the store", digest, e);
      }
    }
    offerAll();
    scheduleSweep();
  }

  /** The state of connections, downloads and uploads, as maps and lists for {@code /debug}. */
  public Object debug() {
    List<Object> downloads = new ArrayList<>();
    synchronized (active) {
      active.values().forEach(each -> downloads.add(each.transfer.debug()));
    }
    List<Object> shared = new ArrayList<>();
    for (SharedBlob blob : parts.blobs().all()) {
      shared.add(Map.of("blob", blob.digest().toString(), "members", blob.members.size()));
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("self", self().toString());
    all.put("connections", parts.table().all().stream().map(PeerConnection::debug).toList());
    all.put("dialing", parts.dialer().dialing());
    all.put("bans", parts.bans().size());
    all.put("inFlightBytes", parts.budget().used());
    all.put("downloads", downloads);
    all.put("shared", shared);
    return all;
  }

  /**
   * Says goodbye to all peers, stops all downloads and stops to listen. Blocks for a few seconds at
   * most; never call it on an event loop. Idempotent.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    var _ = listener.close().awaitUninterruptibly(GOODBYE_SECONDS, TimeUnit.SECONDS);
    announcements.close();
    List<BlobTransfer> transfers;
    synchronized (active) {
      transfers = active.values().stream().map(each -> each.transfer).toList();
    }
    transfers.forEach(transfer -> transfer.stop("the swarm node was closed"));
    List<PeerConnection> connections = parts.table().close();
    connections.forEach(each -> each.close(GoodbyeReason.CLOSING, "the member stops"));
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(GOODBYE_SECONDS);
    for (PeerConnection each : connections) {
      long left = Math.max(1, deadline - System.nanoTime());
      var _ = each.channel().closeFuture().awaitUninterruptibly(left, TimeUnit.NANOSECONDS);
    }
    parts.background().shutdownNow();
    parts.sourceThreads().close();
    parts.verifier().close();
    parts.buffers().close();
  }
}
