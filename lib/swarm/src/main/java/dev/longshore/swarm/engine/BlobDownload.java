package dev.longshore.swarm.engine;

import dev.longshore.piece.PieceLayout;
import dev.longshore.swarm.PeerId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The download of one blob: which piece to ask of whom, when to go to the source, whom to distrust.
 * Not thread-safe: one event at a time.
 */
public final class BlobDownload {
  /*
   * An event changes what is known of pieces (`ledger`), of peers (`peers`, `claims`) and of the
   * source (`source`), or what is wanted (`wishes`). What nobody wants is not listed in the ledger,
   * and so asked of nobody; a download of which nothing is wanted rests. After an event the machine fills what is free: the picker asks peers, what nobody
   * has is leased from the source, and if nothing at all can be done for long the download fails.
   */
  private final PieceLayout layout;
  private final EngineSettings settings;
  private final Wishes wishes = new Wishes();
  private final Ledger ledger;
  private final RequestTurns turns;
  private final Peers peers = new Peers();
  private final PiecePicker picker;
  private final Claims claims;

  private @Nullable Leasing source;
  private long lastProgress;
  private long lastLook;
  private long nextWake = Long.MAX_VALUE;
  private boolean over;

  private List<Action> actions = new ArrayList<>();

  private long nextPeriod = Long.MIN_VALUE;

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
    this.ledger = new Ledger(layout, held, wishes, random);
    this.picker = new PiecePicker(layout, settings, ledger, wishes, peers, turns);
    this.claims = new Claims(ledger, peers);
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
    Leasing leasing = begun(now);
    excuseGap(now);
    if (event instanceof Event.PeerHas e && nextWake < Long.MAX_VALUE && !gains(e, now)) {
      return List.of();
    }
    actions = new ArrayList<>(4);
    apply(event, leasing, now);
    if (!over && ledger.missing() == 0) {
      finish(new Action.Complete(), leasing);
    }
    if (!over) {
      if (ledger.isResting() && leasing.idle()) {
        lastProgress = now; // nothing comes because nothing is wanted
      }
      peers.endQuiet(now);
      picker.fill(now, actions);
      if (!leasing.ask(now - lastProgress >= forOnePiece(settings.stall()), now, actions)) {
        lastProgress = now; // it is not the source that fails, nor the peers
      }
      turns.askedAll(now);
      if (picker.isHeldBack()) {
        lastProgress = now;
      }
      giveUpIfStuck(leasing, now);
    }
    if (!over) {
      wake(leasing, now);
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

  private Leasing begun(long now) {
    Leasing leasing = source;
    if (leasing == null) {
      leasing = Leasing.begin(layout, settings, ledger, peers, turns, now);
      source = leasing;
      lastProgress = now;
      lastLook = now;
    }
    return leasing;
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

  private void apply(Event event, Leasing leasing, long now) {
    switch (event) {
      case Event.PeerJoined e -> join(e, leasing, now);
      case Event.PeerLeft e -> leave(e.peer(), leasing, now);
      case Event.PeerHas e -> {
        var _ = gains(e, now);
      }
      case Event.PieceArrived e -> pieceArrived(e, now);
      case Event.PieceCameTwice e -> picker.hedging().cameTwice(e.piece());
      case Event.PieceStored e -> pieceStored(e, leasing, now);
      case Event.PieceCorrupt e -> pieceCorrupt(e, leasing, now);
      case Event.StoreFailed e -> finish(new Action.Fail(e.reason()), leasing);
      case Event.PeerBusy e -> peerBusy(e, leasing, now);
      case Event.PeerReady e -> peerReady(e);
      case Event.PeerRejected e -> peerRejected(e, leasing, now);
      case Event.LeaseAnswered e -> leasing.answered(e, now, actions);
      case Event.SourceFailed e -> sourceFailed(e, leasing, now);
      case Event.ReaderAt e -> readerAt(e, leasing);
      case Event.ReaderGone e -> relist(wishes.readerGone(e.reader()), leasing);
      case Event.Wanted e -> {
        wishes.everything(e.everything());
        relist(0, layout.count(), leasing);
      }
      case Event.Tick e -> {
        if (now >= nextWake) {
          nextWake = Long.MAX_VALUE;
        }
        expireRequests(leasing, now);
        picker.askAgain();
        if (now >= nextPeriod) {
          picker.period(now - lastProgress >= settings.tick());
          nextPeriod = now + settings.tick();
        }
      }
      case Event.Turn _ -> picker.askAgain();
    }
  }

  // ---- wishes

  private void readerAt(Event.ReaderAt event, Leasing leasing) {
    int next = Math.clamp(event.piece(), 0, layout.count());
    Wishes.Reader needs = new Wishes.Reader(next, Math.clamp(event.end(), next, layout.count()));
    Wishes.Reader before = wishes.readerAt(event.reader(), needs);
    relist(before, leasing);
    relist(needs, leasing);
  }

  private void relist(Wishes.@Nullable Reader reader, Leasing leasing) {
    if (reader != null && !wishes.everything()) {
      relist(reader.next(), reader.end(), leasing);
    }
  }

  /** Lists those of these pieces that are wanted and that nobody brings, and none of the others. */
  private void relist(int from, int end, Leasing leasing) {
    for (int piece = from; piece < end; piece++) {
      if (wishes.wants(piece)) {
        relistIfFree(piece, leasing);
      } else {
        ledger.notWanted(piece);
      }
    }
  }

  // ---- peers

  private void join(Event.PeerJoined event, Leasing leasing, long now) {
    leave(event.peer(), leasing, now);
    PeerState peer =
        new PeerState(
            event.peer(),
            event.role(),
            event.far(),
            PieceSet.of(layout.count(), event.has()),
            new Pace(layout.pieceSize(), settings));
    peer.full = peer.has.count() == layout.count();
    peers.add(peer);
    claims.joined(peer);
    ledger.order().crossing().near(peers.near());
  }

  private void leave(PeerId id, Leasing leasing, long now) {
    PeerState peer = peers.get(id);
    if (peer == null) {
      return;
    }
    for (int piece : peer.requests.pieces()) {
      unrequest(peer, piece, leasing, now);
    }
    peers.remove(peer);
    ledger.order().crossing().near(peers.near());
    claims.left(peer);
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
    claims.gained(peer, piece);
    if (!ledger.order().isListed(piece) || !picker.mayAsk(peer, piece)) {
      return false;
    }
    peers.open(peer);
    return picker.canAsk(peer, now);
  }

  private void peerBusy(Event.PeerBusy event, Leasing leasing, long now) {
    PeerState peer = peers.get(event.peer());
    if (peer != null) {
      unrequest(peer, event.piece(), leasing, now);
      peer.refused();
      if (peer.requests.size() == 0) {
        peers.quiet(peer, now + event.retryAfter());
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

  private void peerRejected(Event.PeerRejected event, Leasing leasing, long now) {
    PeerState peer = peers.get(event.peer());
    int piece = event.piece();
    if (peer == null || !ledger.exists(piece)) {
      return;
    }
    unrequest(peer, piece, leasing, now);
    if (peer.has.get(piece)) {
      claims.lost(peer, piece);
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
        peers.quiet(overtaken, overtaken.quietUntil);
      }
    }
    ledger.arrivedNow(piece);
  }

  private void pieceStored(Event.PieceStored event, Leasing leasing, long now) {
    int piece = event.piece();
    boolean fromSource = event.from() == null;
    PeerState sender = event.from() == null ? null : peers.get(event.from());
    if (sender != null) {
      claims.proven(sender);
    }
    leasing.stored(piece, fromSource, now, actions);
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

  private void pieceCorrupt(Event.PieceCorrupt event, Leasing leasing, long now) {
    int piece = event.piece();
    ledger.notArrived(piece);
    if (event.from() == null) {
      leasing.corrupt(piece, now);
    } else {
      actions.add(new Action.Ban(event.from(), "piece " + piece + " does not match its hash"));
      leave(event.from(), leasing, now);
      claims.deceived();
    }
    relistIfFree(piece, leasing);
  }

  /** Takes back one request; the piece is listed again unless somebody else owes it too. */
  private void unrequest(PeerState peer, int piece, Leasing leasing, long now) {
    if (peer.requests.remove(piece)) {
      turns.over(peer.id, layout.length(piece), false, now);
      ledger.notOwed(piece);
      if (ledger.owing(piece) > 0) {
        picker.hedging().takenBack(piece);
      }
      peers.open(peer);
      relistIfFree(piece, leasing);
    }
  }

  private void relistIfFree(int piece, Leasing leasing) {
    if (!leasing.leased(piece) && ledger.listIfFree(piece)) {
      peers.openHolders(piece);
    }
  }

  private void sourceFailed(Event.SourceFailed event, Leasing leasing, long now) {
    leasing.failed(event, now, actions);
    event.pieces().stream().filter(ledger::exists).forEach(piece -> relistIfFree(piece, leasing));
  }

  // ---- time

  private void expireRequests(Leasing leasing, long now) {
    long patience = forOnePiece(settings.requestTimeout());
    for (PeerState peer : peers.all()) {
      OpenRequests open = peer.requests;
      for (int place = 0; place < open.size(); ) {
        int piece = open.piece(place);
        if (peer.silence(open.sent(place), now) >= patience) {
          peers.quiet(peer, now + settings.snub());
          actions.add(new Action.Cancel(peer.id, piece));
          unrequest(peer, piece, leasing, now);
        } else {
          place++;
        }
      }
    }
  }

  /** Stretches a time that is meant for a small piece by what a piece of this blob takes longer. */
  private long forOnePiece(long nanos) {
    return nanos + nanos * layout.pieceSize() / (1 << 20);
  }

  private void giveUpIfStuck(Leasing leasing, long now) {
    boolean nothingOpen = ledger.pending() == 0 && ledger.arrived() == 0 && leasing.idle();
    String failure = leasing.permanentFailure();
    // A source that will never answer leaves only peers: they get less time to show up.
    long patience = failure == null ? settings.giveUp() : settings.giveUp() / 4;
    if (nothingOpen && now - lastProgress >= patience) {
      String why = failure == null ? "cannot be read now" : "refuses: " + failure;
      String reason =
          String.format(
              Locale.ROOT,
              "%d of %d pieces are missing, none of %d connected peers sends them, and the source %s",
              ledger.missing(),
              layout.count(),
              peers.all().size(),
              why);
      finish(new Action.Fail(reason), leasing);
    }
  }

  private void wake(Leasing leasing, long now) {
    long due = now + settings.tick();
    if (leasing.nextAsk() > now) {
      due = Math.min(due, leasing.nextAsk());
    }
    due = Math.min(due, peers.nextQuietEnd());
    due = Math.min(due, Math.max(picker.hedgeDue(), now + Hedging.SHORTEST / 2));
    if (due < nextWake) {
      nextWake = due;
      actions.add(new Action.WakeAt(due));
    }
  }

  private void finish(Action last, Leasing leasing) {
    over = true;
    for (PeerState peer : peers.all()) {
      for (int piece : peer.requests.pieces()) {
        actions.add(new Action.Cancel(peer.id, piece));
      }
    }
    leasing.end(actions);
    actions.add(last);
  }
}
