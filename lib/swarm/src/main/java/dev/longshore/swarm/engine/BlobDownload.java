package dev.longshore.swarm.engine;

import dev.longshore.piece.PieceLayout;
import dev.longshore.swarm.PeerId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The download of one blob: which piece to ask of whom, when to go to the source, whom to distrust.
 * Not thread-safe: one event at a time.
 */
public final class BlobDownload {
  /*
   * An event changes what is known of pieces (`ledger`), of peers (`peers`) and of the source
   * (`source`). After it the machine fills what is free: the picker asks peers, what nobody has is
   * leased from the source, and if nothing at all can be done for long the download fails.
   */
  private final PieceLayout layout;
  private final EngineSettings settings;
  private final Ledger ledger;
  private final RequestTurns turns;
  private final Peers peers = new Peers();
  private final PiecePicker picker;

  private @Nullable SourceWindow source;
  private long askedOfSource;
  private long lastProgress;
  private long lastLook;
  private long nextWake = Long.MAX_VALUE;
  private boolean over;

  /** Somebody sent what is not the piece: from then on a peer is believed once it is proven. */
  private boolean deceived;

  private List<Action> actions = new ArrayList<>();

  private long nextPeriod = Long.MIN_VALUE;

  /** When the first of the peers that are left alone may be asked again. */
  private long nextQuietEnd = Long.MAX_VALUE;

  /**
   * A download that has not begun; the first event, whatever it is, begins it.
   *
   * @param held pieces on disk already; copied
   */
  public BlobDownload(
      PieceLayout layout, BitSet held, EngineSettings settings, RandomGenerator random) {
    this(layout, held, settings, random, RequestTurns.ALWAYS);
  }

  /**
   * A download that shares a node with others.
   *
   * @param held pieces on disk already; copied
   * @param turns asked before each request; what the download holds there when it is over is the
   *     caller's to free
   */
  public BlobDownload(
      PieceLayout layout,
      BitSet held,
      EngineSettings settings,
      RandomGenerator random,
      RequestTurns turns) {
    this.layout = layout;
    this.settings = settings;
    this.turns = turns;
    this.ledger = new Ledger(layout, held, random);
    this.picker = new PiecePicker(layout, settings, ledger, peers, turns);
  }

  /**
   * Takes an event and says what to do about it.
   *
   * @param now nanoseconds of a monotonic clock
   * @return actions in order; empty once {@link Action.Complete} or {@link Action.Fail} was
   *     returned
   */
  public List<Action> handle(Event event, long now) {
    if (over) {
      return List.of();
    }
    SourceWindow window = begun(now);
    excuseGap(now);
    if (event instanceof Event.PeerHas e && nextWake < Long.MAX_VALUE && !gains(e, now)) {
      return List.of();
    }
    actions = new ArrayList<>(4);
    apply(event, window, now);
    if (!over && ledger.missing() == 0) {
      finish(new Action.Complete(), window);
    }
    if (!over) {
      endQuiet(now);
      picker.fill(now, actions);
      askForLease(window, now);
      turns.askedAll(now);
      if (picker.isHeldBack()) {
        lastProgress = now;
      }
      giveUpIfStuck(window, now);
    }
    if (!over) {
      wake(window, now);
    }
    return actions;
  }

  /** Pieces stored, a copy. */
  public BitSet stored() {
    return ledger.stored();
  }

  public boolean isOver() {
    return over;
  }

  private SourceWindow begun(long now) {
    SourceWindow window = source;
    if (window == null) {
      long pieces = Math.max(1, settings.sourceWindowBytes() / layout.pieceSize());
      window = new SourceWindow(Math.toIntExact(pieces), now + sourceGrace());
      source = window;
      lastProgress = now;
      lastLook = now;
    }
    return window;
  }

  /**
   * Whether a peer has a piece of a blob in part, the peers say; whether one has a blob of one
   * piece, the broker of leases knows too. So that one is asked at once.
   */
  private long sourceGrace() {
    return layout.count() > 1 ? settings.sourceGrace() : 0;
  }

  /**
   * There is a look at the clock every tick; when none came for far longer this process stood still
   * or the clock was set, and that is nobody's silence.
   */
  private void excuseGap(long now) {
    long gap = now - lastLook;
    if (gap < 0 || gap > settings.stall()) {
      lastProgress += gap;
    }
    lastLook = now;
  }

  private void apply(Event event, SourceWindow window, long now) {
    switch (event) {
      case Event.PeerJoined e -> join(e, window, now);
      case Event.PeerLeft e -> leave(e.peer(), window, now);
      case Event.PeerHas e -> {
        var _ = gains(e, now);
      }
      case Event.PieceArrived e -> pieceArrived(e, now);
      case Event.PieceCameTwice e -> picker.hedging().cameTwice(e.piece());
      case Event.PieceStored e -> pieceStored(e, window, now);
      case Event.PieceCorrupt e -> pieceCorrupt(e, window, now);
      case Event.StoreFailed e -> finish(new Action.Fail(e.reason()), window);
      case Event.PeerBusy e -> peerBusy(e, window, now);
      case Event.PeerReady e -> peerReady(e);
      case Event.PeerRejected e -> peerRejected(e, window, now);
      case Event.LeaseAnswered e -> leaseAnswered(e, window, now);
      case Event.SourceFailed e -> sourceFailed(e, window, now);
      case Event.ReaderAt e -> picker.readerAt(e.reader(), e.piece());
      case Event.ReaderGone e -> picker.readerGone(e.reader());
      case Event.Tick e -> {
        if (now >= nextWake) {
          nextWake = Long.MAX_VALUE;
        }
        expireRequests(window, now);
        picker.askAgain();
        if (now >= nextPeriod) {
          picker.period(now - lastProgress >= settings.tick());
          nextPeriod = now + settings.tick();
        }
      }
      case Event.Turn _ -> picker.askAgain();
    }
  }

  // ---- peers

  private void join(Event.PeerJoined event, SourceWindow window, long now) {
    leave(event.peer(), window, now);
    PeerState peer =
        new PeerState(
            event.peer(),
            event.role(),
            event.far(),
            PieceSet.of(layout.count(), event.has()),
            new Pace(layout.pieceSize(), settings));
    peer.full = peer.has.count() == layout.count();
    peers.add(peer);
    if (!deceived) {
      count(peer);
    }
    ledger.order().crossing().near(peers.near());
  }

  /*
   * What peers say they have decides what is rare, what nobody has and has to be read from the
   * source, and what may come from another zone. Whoever says he has everything and sends rubbish
   * keeps a download from the source for as long as he is believed. So after the first lie what
   * counts is what those have who have sent a piece; the others are asked too, and so prove
   * themselves, but nothing is left to them alone.
   */

  private void count(PeerState peer) {
    if (!peer.counted) {
      peer.counted = true;
      if (peer.full) {
        peers.countComplete(peer, 1);
      } else {
        peer.has.each(piece -> ledger.order().increment(piece, peer.far));
      }
    }
  }

  private void uncount(PeerState peer) {
    if (peer.counted) {
      peer.counted = false;
      if (peer.full) {
        peers.countComplete(peer, -1);
      } else {
        peer.has.each(piece -> ledger.order().decrement(piece, peer.far));
      }
      if (!peer.far) {
        peers.openFar();
      }
    }
  }

  /** From now on it counts like any other peer, piece by piece. */
  private void becomesPartial(PeerState peer) {
    boolean counted = peer.counted;
    uncount(peer);
    peer.full = false;
    if (counted) {
      count(peer);
    }
  }

  private void leave(PeerId id, SourceWindow window, long now) {
    PeerState peer = peers.get(id);
    if (peer == null) {
      return;
    }
    for (int piece : peer.requests.pieces()) {
      unrequest(peer, piece, window, now);
    }
    peers.remove(peer);
    ledger.order().crossing().near(peers.near());
    uncount(peer);
  }

  /**
   * Takes note of what a peer has more, and says whether the download can do anything about it now.
   * Most events of a download are of this kind, and most of them change nothing: that piece is
   * here, or the peer owes all that may be asked of it.
   */
  private boolean gains(Event.PeerHas event, long now) {
    PeerState peer = peers.get(event.peer());
    int piece = event.piece();
    if (peer == null || !ledger.exists(piece) || peer.has.get(piece)) {
      return false;
    }
    peer.has.set(piece);
    if (peer.counted) {
      ledger.order().increment(piece, peer.far);
    }
    if (!ledger.order().isListed(piece) || !picker.mayAsk(peer, piece)) {
      return false;
    }
    peers.open(peer);
    return picker.canAsk(peer, now);
  }

  private void peerBusy(Event.PeerBusy event, SourceWindow window, long now) {
    PeerState peer = peers.get(event.peer());
    if (peer != null) {
      unrequest(peer, event.piece(), window, now);
      peer.refused();
      if (peer.requests.size() == 0) {
        quiet(peer, now + event.retryAfter());
      }
    }
  }

  private void peerReady(Event.PeerReady event) {
    PeerState peer = peers.get(event.peer());
    if (peer != null) {
      peer.called();
      peers.open(peer);
    }
  }

  /** Leaves a peer alone until a time. */
  private void quiet(PeerState peer, long until) {
    peer.quietUntil = Math.max(peer.quietUntil, until);
    nextQuietEnd = Math.min(nextQuietEnd, peer.quietUntil);
  }

  /** Opens the peers that have been left alone for long enough. */
  private void endQuiet(long now) {
    if (now < nextQuietEnd) {
      return;
    }
    nextQuietEnd = Long.MAX_VALUE;
    for (PeerState peer : peers.all()) {
      if (peer.quietUntil > now) {
        nextQuietEnd = Math.min(nextQuietEnd, peer.quietUntil);
      } else if (peer.quietUntil != Long.MIN_VALUE) {
        peer.quietUntil = Long.MIN_VALUE;
        peers.open(peer);
      }
    }
  }

  private void peerRejected(Event.PeerRejected event, SourceWindow window, long now) {
    PeerState peer = peers.get(event.peer());
    int piece = event.piece();
    if (peer == null || !ledger.exists(piece)) {
      return;
    }
    unrequest(peer, piece, window, now);
    if (peer.has.get(piece)) {
      if (peer.full) {
        becomesPartial(peer);
      }
      peer.has.clear(piece);
      if (peer.counted) {
        ledger.order().decrement(piece, peer.far);
        if (!peer.far) {
          peers.openFar();
        }
      }
    }
  }

  // ---- pieces

  private void pieceArrived(Event.PieceArrived event, long now) {
    lastProgress = now;
    int piece = event.piece();
    PeerState peer = event.from() == null ? null : peers.get(event.from());
    if (peer != null && peer.requests.contains(piece)) {
      picker.hedging().answered(peer, piece, now);
      peer.arrived(piece, layout.length(piece), now);
      turns.over(peer.id, layout.length(piece), true, now);
      ledger.notOwed(piece);
      peers.open(peer);
    }
    if (ledger.isHere(piece)) {
      picker.hedging().cameTwice(piece);
      return;
    }
    if (ledger.owing(piece) > 0) {
      PeerState overtaken = picker.hedging().arrived(piece, event.from(), now);
      if (overtaken != null) {
        nextQuietEnd = Math.min(nextQuietEnd, overtaken.quietUntil);
      }
    }
    ledger.arrivedNow(piece);
  }

  private void pieceStored(Event.PieceStored event, SourceWindow window, long now) {
    int piece = event.piece();
    boolean fromSource = event.from() == null;
    PeerState sender = event.from() == null ? null : peers.get(event.from());
    if (sender != null) {
      sender.proven = true;
      count(sender);
    }
    if (window.stored(piece)) {
      turns.sourceOver(layout.length(piece), fromSource, now);
      if (!fromSource) {
        actions.add(new Action.ReleaseLease(single(piece)));
      }
    }
    if (!ledger.storedNow(piece)) {
      return;
    }
    if (ledger.owing(piece) > 0) {
      for (PeerState peer : peers.all()) {
        if (peer.requests.remove(piece)) {
          turns.over(peer.id, layout.length(piece), false, now);
          ledger.notOwed(piece);
          peers.open(peer);
          actions.add(new Action.Cancel(peer.id, piece));
        }
      }
    }
    actions.add(new Action.AnnounceHave(piece, fromSource));
  }

  private void pieceCorrupt(Event.PieceCorrupt event, SourceWindow window, long now) {
    int piece = event.piece();
    ledger.notArrived(piece);
    if (event.from() == null) {
      if (window.leased(piece)) {
        turns.sourceOver(layout.length(piece), true, now);
      }
      window.corrupt(piece, now);
    } else {
      actions.add(new Action.Ban(event.from(), "piece " + piece + " does not match its hash"));
      leave(event.from(), window, now);
      if (!deceived) {
        deceived = true;
        peers.all().stream().filter(peer -> !peer.proven).forEach(this::uncount);
      }
    }
    relistIfFree(piece, window);
  }

  /** Takes back one request; the piece is listed again unless somebody else owes it too. */
  private void unrequest(PeerState peer, int piece, SourceWindow window, long now) {
    if (peer.requests.remove(piece)) {
      turns.over(peer.id, layout.length(piece), false, now);
      ledger.notOwed(piece);
      if (ledger.owing(piece) > 0) {
        picker.hedging().takenBack(piece);
      }
      peers.open(peer);
      relistIfFree(piece, window);
    }
  }

  private void relistIfFree(int piece, SourceWindow window) {
    if (!window.leased(piece) && ledger.listIfFree(piece)) {
      peers.openHolders(piece);
    }
  }

  // ---- source

  private void leaseAnswered(Event.LeaseAnswered event, SourceWindow window, long now) {
    BitSet granted = (BitSet) event.granted().clone();
    BitSet useless = (BitSet) granted.clone();
    granted.and(ledger.missingPieces());
    useless.andNot(granted);
    window.granted(granted, event.retryAfter(), now);
    turns.sourceOver(askedOfSource - bytes(granted), false, now);
    askedOfSource = 0;
    if (!useless.isEmpty()) {
      actions.add(new Action.ReleaseLease(useless));
    }
    if (!granted.isEmpty()) {
      granted.stream().forEach(ledger::leased);
      actions.add(new Action.ReadSource(granted));
    }
  }

  private void sourceFailed(Event.SourceFailed event, SourceWindow window, long now) {
    BitSet leased = window.leases();
    leased.and(event.pieces());
    turns.sourceOver(bytes(leased), false, now);
    window.failed(event.pieces(), event.reason(), event.permanent(), now);
    actions.add(new Action.ReleaseLease((BitSet) event.pieces().clone()));
    event.pieces().stream().filter(ledger::exists).forEach(piece -> relistIfFree(piece, window));
  }

  private void askForLease(SourceWindow window, long now) {
    int room = window.room(now);
    if (room <= 0) {
      return;
    }
    RarestFirst order = ledger.order();
    boolean somebodyHasAll = peers.complete() > 0 || order.unavailable() == 0;
    BitSet wanted = somebodyHasAll ? new BitSet() : order.unavailablePieces();
    if (wanted.isEmpty() && now - lastProgress >= stall()) {
      // Peers claim to have it all and send nothing: the broker decides whether to believe them.
      wanted = ledger.missingPieces();
      wanted.andNot(window.leases());
    }
    if (!wanted.isEmpty()) {
      long most = (long) Math.min(room, wanted.cardinality()) * layout.pieceSize();
      if (!turns.askSource(most, now)) {
        lastProgress = now; // it is not the source that fails, nor the peers
        return;
      }
      askedOfSource = most;
      window.asked();
      actions.add(new Action.AskLease(wanted, room));
    }
  }

  private long bytes(BitSet pieces) {
    return pieces.stream().mapToLong(layout::length).sum();
  }

  // ---- time

  private void expireRequests(SourceWindow window, long now) {
    long patience = forOnePiece(settings.requestTimeout());
    for (PeerState peer : peers.all()) {
      OpenRequests open = peer.requests;
      for (int place = 0; place < open.size(); ) {
        int piece = open.piece(place);
        if (peer.silence(open.sent(place), now) >= patience) {
          quiet(peer, now + settings.snub());
          actions.add(new Action.Cancel(peer.id, piece));
          unrequest(peer, piece, window, now);
        } else {
          place++;
        }
      }
    }
  }

  private long stall() {
    return forOnePiece(settings.stall());
  }

  /** Stretches a time that is meant for a small piece by what a piece of this blob takes longer. */
  private long forOnePiece(long nanos) {
    return nanos + nanos * layout.pieceSize() / (1 << 20);
  }

  private void giveUpIfStuck(SourceWindow window, long now) {
    boolean nothingOpen = ledger.pending() == 0 && ledger.arrived() == 0 && window.idle();
    String failure = window.permanentFailure();
    // A source that will never answer leaves only peers: they get less time to show up.
    long patience = failure == null ? settings.giveUp() : settings.giveUp() / 4;
    if (nothingOpen && now - lastProgress >= patience) {
      finish(
          new Action.Fail(
              ledger.missing()
                  + " of "
                  + layout.count()
                  + " pieces are missing, none of "
                  + peers.all().size()
                  + " connected peers sends them, and the source "
                  + (failure == null ? "cannot be read now" : "refuses: " + failure)),
          window);
    }
  }

  private void wake(SourceWindow window, long now) {
    long due = now + settings.tick();
    if (window.nextAsk() > now) {
      due = Math.min(due, window.nextAsk());
    }
    due = Math.min(due, nextQuietEnd);
    due = Math.min(due, Math.max(picker.hedgeDue(), now + Hedging.SHORTEST / 2));
    if (due < nextWake) {
      nextWake = due;
      actions.add(new Action.WakeAt(due));
    }
  }

  private static BitSet single(int piece) {
    BitSet one = new BitSet();
    one.set(piece);
    return one;
  }

  private void finish(Action last, SourceWindow window) {
    over = true;
    for (PeerState peer : peers.all()) {
      for (int piece : peer.requests.pieces()) {
        actions.add(new Action.Cancel(peer.id, piece));
      }
    }
    if (!window.leases().isEmpty()) {
      actions.add(new Action.ReleaseLease(window.leases()));
    }
    actions.add(last);
  }
}
