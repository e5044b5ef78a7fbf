package dev.longshore.bench.sim;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.engine.Action;
import dev.longshore.swarm.engine.BlobDownload;
import dev.longshore.swarm.engine.Event;
import dev.longshore.swarm.engine.FirstCopies;
import dev.longshore.swarm.tracker.SelfGrant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A blob at a node: the shipped download, and what BlobTransfer and BlobExchange do around it. */
final class SimDownload {
  /** JoinedBlob.MAX_KNOWN_PEERS. */
  private static final int KNOWN_PEERS = 200;

  /** BlobExchange.INTRODUCTIONS. */
  private static final int INTRODUCTIONS = 16;

  /** BlobExchange.FAR_INTRODUCTIONS. */
  private static final int FAR_INTRODUCTIONS = 1;

  /** TrackerClient.PROGRESS_MILLIS. */
  private static final long PROGRESS = MILLISECONDS.toNanos(500);

  /** BlobTransfer.SEEK_MILLIS. */
  private static final long SEEK = MILLISECONDS.toNanos(250);

  private static final long READER = 1;

  /** Another node with which this blob is exchanged. */
  private static final class Member {
    final SimDownload download;
    final PeerId id;
    final StoredLog log;
    final long latency;

    /** How much of what it stored is known here. */
    int known;

    Member(SimDownload download, long latency, int known) {
      this.download = download;
      this.id = download.node.id();
      this.log = download.log;
      this.latency = latency;
      this.known = known;
    }
  }

  private final Simulation simulation;
  private final EventQueue events;
  private final SimNode node;
  private final SimBlob blob;
  private final BitSet held = new BitSet();
  private final BitSet leased = new BitSet();
  private final BitSet sentOnce = new BitSet();
  private final StoredLog log = new StoredLog();
  private final BlobDownload machine;
  private final List<Member> members = new ArrayList<>();
  private final SimCandidates candidates;
  private final Set<PeerId> knownPeers = new LinkedHashSet<>();
  private final SelfGrant selfGrant;
  private final boolean hadAll;
  private final @Nullable FirstCopies<SimNode> firstCopies;
  private int heldCount;
  private boolean running;
  private boolean seeking;
  private boolean untold;
  private int readerAt;
  private long wake;

  SimDownload(Simulation simulation, SimNode node, SimBlob blob, boolean hasAll) {
    this.simulation = simulation;
    this.events = simulation.events();
    this.node = node;
    this.blob = blob;
    this.hadAll = hasAll;
    this.machine =
        new BlobDownload(
            blob.layout(), held, simulation.plan().tuning().engine(), simulation.newRandom());
    this.candidates =
        new SimCandidates(
            new Random(simulation.newRandom().nextLong()),
            peer -> simulation.node(peer).role() == PeerRole.SEEDER);
    this.selfGrant = new SelfGrant(node.id(), simulation.newRandom());
    if (hasAll) {
      held.set(0, blob.pieces());
      heldCount = blob.pieces();
    }
    this.firstCopies =
        hasAll && !node.poisons() && !simulation.plan().tuning().holdersRepeat()
            ? new FirstCopies<>(blob.pieces(), node.uplink().time(blob.layout().pieceSize()))
            : null;
  }

  /** What is refused while not every piece has been sent once; null: nothing is. */
  @Nullable FirstCopies<SimNode> firstCopies() {
    return firstCopies;
  }

  /** A piece begins to leave. */
  void sends(SimNode to, int piece) {
    if (firstCopies != null) {
      firstCopies.sends(to, piece, events.now());
    }
    if (hadAll && !node.poisons()) {
      boolean again = sentOnce.get(piece);
      sentOnce.set(piece);
      simulation.tally().repeats += again && sentOnce.cardinality() < blob.pieces() ? 1 : 0;
    }
  }

  void start() {
    simulation.tracker().announce(this, heldCount);
    if (!hadAll) {
      running = true;
      handle(new Event.ReaderAt(READER, 0));
      seek();
      takeNews();
    }
  }

  SimNode node() {
    return node;
  }

  SimBlob blob() {
    return blob;
  }

  boolean has(int piece) {
    return held.get(piece);
  }

  /** How much of it is here, in thousandths. */
  int share() {
    return (int) (1000L * heldCount / blob.pieces());
  }

  boolean isComplete() {
    return heldCount == blob.pieces();
  }

  /** Pieces that were stored until then. */
  int storedUntil(long time) {
    return log.until(time);
  }

  boolean isRunning() {
    return running && !node.isGone();
  }

  boolean wants(int piece) {
    return isRunning() && !held.get(piece);
  }

  // ---- peers

  void told(List<PeerId> peers) {
    for (PeerId peer : peers) {
      if (knownPeers.size() < KNOWN_PEERS && !peer.equals(node.id())) {
        knownPeers.add(peer);
      }
    }
    found(peers);
  }

  private void found(List<PeerId> peers) {
    if (isRunning()) {
      peers.stream().filter(peer -> !peer.equals(node.id())).forEach(candidates::add);
      if (!seeking) {
        seeking = true;
        events.after(
            0,
            () -> {
              seeking = false;
              connectMore();
            });
      }
    }
  }

  private void seek() {
    if (isRunning()) {
      connectMore();
      events.after(SEEK, this::seek);
    }
  }

  private void connectMore() {
    int connected = members.size();
    if (!isRunning() || connected >= simulation.plan().tuning().peers()) {
      return;
    }
    for (PeerId candidate : candidates.ready()) {
      Peering open = node.peering(candidate);
      if (open == null) {
        connected += node.dial(candidate) ? 1 : 0;
      } else if (isNoMember(open.peerOf(node))) {
        join(open);
        connected++;
      }
      if (connected >= simulation.plan().tuning().peers()) {
        return;
      }
    }
  }

  boolean seeks(SimNode peer) {
    return isRunning() && candidates.contains(peer.id()) && isNoMember(peer);
  }

  private boolean isNoMember(SimNode peer) {
    for (Member member : members) {
      if (member.download.node == peer) {
        return false;
      }
    }
    return true;
  }

  /** Both sides of a connection begin to exchange the blob. */
  void join(Peering peering) {
    SimDownload other = peering.peerOf(node).download(blob);
    if (other == null || (!other.running && other.held.isEmpty())) {
      return;
    }
    long latency = simulation.latency(node, other.node);
    members.add(new Member(other, latency, other.log.size()));
    other.members.add(new Member(this, latency, log.size()));
    boolean far = other.node.zone() != node.zone();
    handle(other.joined(far));
    other.handle(joined(far));
    introduce(other, latency);
    other.introduce(this, latency);
  }

  private Event joined(boolean far) {
    return new Event.PeerJoined(node.id(), node.role(), far, held);
  }

  /** Tells a member that still lacks pieces of others. */
  private void introduce(SimDownload newcomer, long latency) {
    if (!newcomer.isComplete()) {
      List<PeerId> others = new ArrayList<>();
      int far = 0;
      for (Member member : members) {
        boolean isFar = member.download.node.zone() != newcomer.node.zone();
        if (member.download != newcomer
            && others.size() < INTRODUCTIONS
            && (!isFar || far++ < FAR_INTRODUCTIONS)) {
          others.add(member.id);
        }
      }
      if (!others.isEmpty()) {
        events.after(latency, () -> newcomer.found(others));
      }
    }
  }

  /** The connection to a peer ended. */
  void left(SimNode peer) {
    if (firstCopies != null) {
      firstCopies.left(peer);
    }
    if (members.removeIf(member -> member.download.node == peer)) {
      handle(new Event.PeerLeft(peer.id()));
    }
  }

  /** Takes note of what the peers have stored since. */
  private void takeNews() {
    if (!isRunning()) {
      return;
    }
    long now = events.now();
    for (int at = 0; at < members.size(); at++) {
      Member member = members.get(at);
      StoredLog news = member.log;
      while (member.known < news.size() && news.time(member.known) + member.latency <= now) {
        int piece = news.piece(member.known++);
        if (!held.get(piece)) {
          handle(new Event.PeerHas(member.id, piece));
        }
      }
    }
    events.after(simulation.plan().haveInterval(), this::takeNews);
  }

  // ---- pieces

  void rejected(SimNode peer, int piece) {
    handle(new Event.PeerRejected(peer.id(), piece));
  }

  /** A peer that refused a piece offers it again. */
  void offered(SimNode peer, int piece) {
    if (!held.get(piece)) {
      handle(new Event.PeerHas(peer.id(), piece));
    }
  }

  void ready(SimNode peer) {
    handle(new Event.PeerReady(peer.id()));
  }

  void busy(SimNode peer, int piece, long retryAfter) {
    handle(new Event.PeerBusy(peer.id(), piece, retryAfter));
  }

  /** All of a piece is here, from a peer or (null) from the source. */
  void arrived(@Nullable SimNode from, int piece) {
    PeerId sender = from == null ? null : from.id();
    boolean wrong = from != null && from.poisons();
    handle(new Event.PieceArrived(sender, piece));
    long verifying = blob.layout().length(piece) * 1_000_000_000L / simulation.plan().verifyRate();
    events.after(verifying, () -> verified(sender, piece, wrong));
  }

  /** A piece came that is here already. */
  void cameTwice(SimNode from, int piece) {
    handle(new Event.PieceCameTwice(from.id(), piece));
  }

  private void verified(@Nullable PeerId sender, int piece, boolean wrong) {
    if (!isRunning()) {
      return;
    }
    if (wrong) {
      simulation.tally().corruptPieces++;
      handle(new Event.PieceCorrupt(sender, piece));
      return;
    }
    if (held.get(piece)) {
      simulation.tally().duplicates++;
    } else {
      held.set(piece);
      heldCount++;
      log.add(piece, events.now());
      simulation.tally().piecesStored++;
    }
    handle(new Event.PieceStored(sender, piece));
    int next = held.nextClearBit(readerAt);
    if (next != readerAt && next < blob.pieces()) {
      readerAt = next;
      handle(new Event.ReaderAt(READER, next));
    }
  }

  void leaseAnswered(Event.LeaseAnswered answer) {
    leased.or(answer.granted());
    if (isRunning()) {
      handle(answer);
    } else {
      release(answer.granted());
    }
  }

  void sourceClosed(BitSet pieces) {
    handle(new Event.SourceFailed(pieces, "the source is closed", false));
  }

  SelfGrant.Choice grantMyself(BitSet wanted, int max) {
    return selfGrant.choose(wanted, leased, max, knownPeers, events.now());
  }

  private void release(BitSet pieces) {
    BitSet ours = (BitSet) pieces.clone();
    ours.and(leased);
    if (!ours.isEmpty() && !node.isGone()) {
      leased.andNot(ours);
      simulation.tracker().released(this, ours);
    }
  }

  // ---- the machine

  private void handle(Event event) {
    if (isRunning()) {
      for (Action action : machine.handle(event, events.now())) {
        perform(action);
      }
    }
  }

  private void perform(Action action) {
    switch (action) {
      case Action.Request request -> {
        Peering peering = node.peering(request.peer());
        if (peering != null) {
          simulation.tally().hedges += request.hedge() ? 1 : 0;
          peering.to(node).request(this, request.piece());
        }
      }
      case Action.Cancel cancel -> {
        Peering peering = node.peering(cancel.peer());
        if (peering != null) {
          peering.to(node).cancel(this, cancel.piece());
        }
      }
      case Action.AskLease ask -> simulation.tracker().ask(this, ask.wanted(), ask.max());
      case Action.ReadSource read -> simulation.source().read(this, read.pieces());
      case Action.ReleaseLease lease -> release(lease.pieces());
      case Action.AnnounceHave have -> announce(have);
      case Action.Ban ban -> {
        SimDownload of = this;
        members.removeIf(member -> member.download.node.id().equals(ban.peer()));
        events.after(0, () -> of.node.ban(ban.peer()));
        simulation.tracker().distrust(node, ban.peer());
      }
      case Action.Complete _ -> complete();
      case Action.Fail _ -> {
        simulation.tally().failures++;
        running = false;
      }
      case Action.WakeAt at -> {
        wake = at.time();
        events.at(
            wake,
            () -> {
              if (wake == at.time()) {
                handle(new Event.Tick());
              }
            });
      }
    }
  }

  private void announce(Action.AnnounceHave have) {
    BitSet piece = new BitSet();
    piece.set(have.piece());
    if (have.fromSource() && leased.get(have.piece())) {
      leased.clear(have.piece());
      simulation.tracker().done(this, piece);
    } else {
      release(piece);
    }
    if (!untold) {
      untold = true;
      events.after(PROGRESS, this::tellProgress);
    }
  }

  private void tellProgress() {
    if (isRunning()) {
      untold = false;
      simulation.tracker().announce(this, heldCount);
    }
  }

  private void complete() {
    release((BitSet) leased.clone());
    running = false;
    simulation.tracker().announce(this, heldCount);
    // Two that have it all have nothing to give each other.
    for (Member member : List.copyOf(members)) {
      if (member.download.isComplete()) {
        members.remove(member);
        member.download.members.removeIf(mutual -> mutual.download == this);
      }
    }
    node.downloadCompleted();
  }
}
