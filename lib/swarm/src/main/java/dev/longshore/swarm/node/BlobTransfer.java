package dev.longshore.swarm.node;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.Priority;
import dev.longshore.swarm.discovery.LeaseBroker.LeaseReply;
import dev.longshore.swarm.engine.Action;
import dev.longshore.swarm.engine.BlobDownload;
import dev.longshore.swarm.engine.Event;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A download under way: carries events to its {@link BlobDownload} and does what that says. The
 * state machine and the fields around it belong to one event loop; what may be called from
 * elsewhere says so.
 */
final class BlobTransfer {
  private static final Logger log = LoggerFactory.getLogger(BlobTransfer.class);

  /** How often the members of the swarm are looked through for new connections. */
  private static final long SEEK_MILLIS = 250;

  private static final long DECLINED_NANOS = TimeUnit.SECONDS.toNanos(3);
  private static final Duration NO_LEASE_RETRY = Duration.ofMillis(500);

  /** What the transfer tells its node. */
  interface Owner {
    void progressed(BlobTransfer transfer, int held);

    /** A peer sent what is not the piece. */
    void deceivedBy(PeerId peer);

    void ended(BlobTransfer transfer);
  }

  private enum Phase {
    RUNNING,
    COMPLETE,
    FAILED,
    STOPPED
  }

  private final NodeParts node;
  private final SharedBlob blob;
  private final Owner owner;
  private final EventLoop loop;
  private final BlobDownload machine;
  private final DownloadTurns.Seat seat;
  private final Map<PeerId, PeerConnection> peers = new HashMap<>();
  private final SourceLeases leases;
  private final StoredNews news;
  private final Candidates candidates;
  private final AtomicBoolean seeking = new AtomicBoolean();
  private @Nullable ScheduledFuture<?> wake;
  private int held;
  private int corrupt;

  private final PieceWaiters waiters = new PieceWaiters();
  private final CompletableFuture<Void> completion = new CompletableFuture<>();
  private final TrafficCount traffic = new TrafficCount();
  private volatile @Nullable SourceReader reader;
  private volatile Phase phase = Phase.RUNNING;

  /**
   * A transfer that has not started.
   *
   * @param blob a reference that passes to the transfer
   */
  BlobTransfer(
      NodeParts node,
      SharedBlob blob,
      @Nullable SourceReader reader,
      Priority priority,
      Owner owner) {
    this.node = node;
    this.blob = blob;
    this.reader = reader;
    this.owner = owner;
    this.loop = node.transport().eventLoops().next();
    BitSet here = blob.stored().held();
    this.held = here.cardinality();
    this.seat = node.requests().join(priority, () -> post(new Event.Turn()));
    this.machine =
        new BlobDownload(blob.layout(), here, node.config().engine(), new SplittableRandom(), seat);
    this.leases = new SourceLeases(node.leases(), digest(), blob.layout().count(), loop);
    this.news = new StoredNews(this::tellMembers, loop, System::nanoTime);
    this.candidates = new Candidates(node.limits().candidatesPerBlob(), new Random());
  }

  // ---- from any thread

  /** Begins; a blob that is complete already is a transfer that has ended. */
  void start() {
    if (blob.stored().complete()) {
      phase = Phase.COMPLETE;
      seat.leave();
      completion.complete(null);
      blob.release();
      return;
    }
    blob.transfer = this;
    blob.members.forEach(member -> member.attach(this));
    execute(() -> {
      // Any event begins the download; this one says nothing.
      handle(new Event.Tick());
      seek();
    });
  }

  Digest digest() {
    return blob.digest();
  }

  SharedBlob blob() {
    return blob;
  }

  boolean isOver() {
    return phase != Phase.RUNNING;
  }

  boolean isComplete() {
    return phase == Phase.COMPLETE;
  }

  CompletableFuture<Void> completion() {
    return completion;
  }

  Traffic traffic() {
    return traffic.traffic();
  }

  PieceWaiters waiters() {
    return waiters;
  }

  void readAlso(@Nullable SourceReader another) {
    if (another != null) {
      reader = another; // the newest credentials are the likeliest to be valid
    }
  }

  Priority priority() {
    return seat.priority();
  }

  /** From now on the download is this urgent. */
  void raiseOrLower(Priority to) {
    seat.raiseOrLower(to);
  }

  void post(Event event) {
    execute(() -> handle(event));
  }

  void found(PeerAddress peer) {
    if (isOver() || peer.id().equals(node.config().id())) {
      return;
    }
    candidates.add(peer, System.nanoTime());
    if (seeking.compareAndSet(false, true)) {
      execute(() -> {
        seeking.set(false);
        connectMore();
      });
    }
  }

  boolean wants(PeerId peer) {
    return !isOver() && candidates.contains(peer);
  }

  /** A peer does not take part in the blob now. */
  void declined(PeerId peer) {
    candidates.postpone(peer, System.nanoTime() + DECLINED_NANOS);
  }

  void joined(PeerConnection connection, BitSet has) {
    execute(() -> {
      peers.put(connection.peerId(), connection);
      traffic.joined(connection.peerId(), connection.peer().role());
      handle(
          new Event.PeerJoined(
              connection.peerId(), connection.peer().role(), connection.isFar(), has));
    });
  }

  void left(PeerConnection connection) {
    execute(() -> {
      // Another connection to the same peer may have taken its place already.
      if (peers.remove(connection.peerId(), connection)) {
        handle(new Event.PeerLeft(connection.peerId()));
      }
    });
  }

  /** A piece was verified, or found not to be what it should. */
  void verified(Event result) {
    if (result instanceof Event.PieceStored stored) {
      waiters.stored(stored.piece());
    }
    execute(() -> {
      switch (result) {
        case Event.PieceStored stored ->
            traffic.stored(stored.piece(), stored.from(), blob.layout().length(stored.piece()));
        case Event.PieceCorrupt wrong when wrong.from() == null -> {
          log.warn("the source sent wrong bytes for piece {} of {}", wrong.piece(), digest());
          leases.release(pieces(wrong.piece()));
        }
        default -> {}
      }
      handle(result);
    });
  }

  /** Ends an unfinished transfer. */
  void stop(String why) {
    execute(() -> {
      if (phase == Phase.RUNNING) {
        end(Phase.STOPPED, new IOException(why));
      }
    });
  }

  private void execute(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      log.debug("the event loops have stopped before the download of {}", digest());
    }
  }

  // ---- on the event loop

  private void handle(Event event) {
    if (phase != Phase.RUNNING) {
      return;
    }
    List<Action> actions = machine.handle(event, System.nanoTime());
    for (Action action : actions) {
      perform(action);
    }
  }

  private void perform(Action action) {
    switch (action) {
      case Action.Request request -> {
        PeerConnection peer = peers.get(request.peer());
        if (peer != null) {
          if (request.hedge()) {
            node.meters().hedges.increment();
          }
          peer.request(this, request.piece());
        }
      }
      case Action.Cancel cancel -> {
        PeerConnection peer = peers.get(cancel.peer());
        if (peer != null) {
          peer.cancel(this, cancel.piece());
        }
      }
      case Action.AskLease ask -> askLease(ask);
      case Action.ReadSource read -> readSource(read.pieces());
      case Action.ReleaseLease lease -> leases.release(lease.pieces());
      case Action.AnnounceHave have -> announce(have);
      case Action.Ban ban -> ban(ban);
      case Action.Complete _ -> end(Phase.COMPLETE, null);
      case Action.Fail fail -> {
        log.warn("the download of {} failed: {}", digest(), fail.reason());
        end(
            Phase.FAILED,
            new DownloadFailedException("cannot download " + digest() + ": " + fail.reason()));
      }
      case Action.WakeAt at -> wakeAt(at.time());
    }
  }

  private void askLease(Action.AskLease ask) {
    if (reader == null) {
      execute(() -> leaseAnswered(null));
    } else {
      leases.ask(ask, reply -> execute(() -> leaseAnswered(reply)));
    }
  }

  private void leaseAnswered(@Nullable LeaseReply reply) {
    if (reply == null) {
      handle(new Event.LeaseAnswered(new BitSet(), 0, NO_LEASE_RETRY.toNanos()));
      return;
    }
    leases.granted(reply.granted());
    if (phase != Phase.RUNNING) {
      leases.release(reply.granted());
      return;
    }
    handle(
        new Event.LeaseAnswered(
            reply.granted(), reply.validity().toNanos(), reply.retryAfter().toNanos()));
  }

  private void readSource(BitSet pieces) {
    SourceReader from = reader;
    if (from == null) {
      post(new Event.SourceFailed(pieces, "this member reads no source", false));
      return;
    }
    SourceRead read = new SourceRead(node, this, blob.retain(), from, (BitSet) pieces.clone());
    try {
      node.sourceThreads().execute(read);
    } catch (RejectedExecutionException e) {
      blob.release();
      post(new Event.SourceFailed(pieces, "the node is closing", false));
    }
  }

  private void announce(Action.AnnounceHave have) {
    held++;
    if (!have.fromSource() || !leases.done(have.piece())) {
      leases.release(pieces(have.piece())); // a peer was faster than the source
    }
    news.stored(have.piece());
    owner.progressed(this, held);
  }

  private void tellMembers(BitSet stored) {
    blob.members.forEach(member -> member.have(digest(), stored));
  }

  private void ban(Action.Ban ban) {
    corrupt++;
    PeerConnection peer = peers.remove(ban.peer());
    log.warn("{} of {}: {}", digest(), ban.peer(), ban.reason());
    owner.deceivedBy(ban.peer());
    if (peer != null) {
      peer.ban(ban.reason());
    }
  }

  private void wakeAt(long time) {
    if (wake != null) {
      wake.cancel(false);
    }
    long delay = Math.max(0, time - System.nanoTime());
    wake = loop.schedule(() -> handle(new Event.Tick()), delay, TimeUnit.NANOSECONDS);
  }

  private void seek() {
    if (phase == Phase.RUNNING) {
      connectMore();
      var _ = loop.schedule(this::seek, SEEK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void connectMore() {
    int connected = blob.members.size();
    if (phase != Phase.RUNNING || connected >= node.limits().peersPerBlob()) {
      return;
    }
    for (PeerAddress candidate : candidates.ready(System.nanoTime())) {
      PeerConnection open = node.table().get(candidate.id());
      if (open == null) {
        connected += node.dialer().dial(candidate) ? 1 : 0;
      } else if (!blob.members.contains(open)) {
        open.join(blob.retain());
        connected++;
      }
      if (connected >= node.limits().peersPerBlob()) {
        return;
      }
    }
  }

  private void end(Phase last, @Nullable IOException reason) {
    phase = last;
    if (wake != null) {
      wake.cancel(false);
    }
    seat.leave();
    leases.end();
    news.tell();
    blob.transfer = null;
    peers.clear();
    for (PeerConnection member : blob.members) {
      if (last == Phase.COMPLETE) {
        member.settled(digest());
      } else {
        member.leave(digest());
      }
    }
    // Claims are told last: whoever is told may look at all the rest.
    owner.ended(this);
    if (reason == null) {
      completion.complete(null);
    } else {
      // Readers after the completion: one that fails finds the whole download failed.
      completion.completeExceptionally(reason);
      waiters.over(reason);
    }
    blob.release();
  }

  private static BitSet pieces(int piece) {
    BitSet one = new BitSet();
    one.set(piece);
    return one;
  }

  /** For {@code /debug}. */
  Map<String, Object> debug() {
    return Map.of(
        "blob", digest().toString(),
        "phase", phase.name(),
        "priority", priority().name(),
        "pieces", blob.layout().count(),
        "held", held,
        "members", blob.members.size(),
        "candidates", candidates.size(),
        "corrupt", corrupt,
        "traffic", traffic());
  }
}
