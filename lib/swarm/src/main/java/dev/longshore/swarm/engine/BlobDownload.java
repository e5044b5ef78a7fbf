package dev.longshore.swarm.engine;

import dev.longshore.piece.PieceLayout;
import dev.longshore.swarm.PeerId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The download of one blob: which piece to ask of whom, when to go to the source, whom to distrust.
 * Not thread-safe: one event at a time.
 */
public final class BlobDownload {
  /*
   * A piece is in exactly one of four states:
   *
   *   listed     nobody has been asked for it               (in `order`)
   *   pending    asked of one or more peers, or leased      (in `pending`, or in `source`)
   *   arrived    its bytes are being verified and written   (in `arrived`)
   *   stored     verified and on disk                       (in `stored`)
   *
   * After every event the machine fills what is free, in this order: pieces that a reader needs next
   * go to the peer expected to deliver them first; every peer with room gets the rarest piece it
   * has; what nobody has is leased from the source; and what holds up a reader, or the end, is asked
   * of a second peer. Nothing else starts a transfer, so the bounds are all in one place (`fill`).
   */

  /** How often requests are looked through for late ones; they are late after much longer. */
  private static final long HEDGE_LOOK = 10_000_000;

  private final PieceLayout layout;
  private final EngineSettings settings;
  private final Map<PeerId, PeerState> peers = new LinkedHashMap<>();
  private final Map<Long, Integer> readers = new HashMap<>();
  private final RarestFirstOrder order;
  private final BitSet stored;
  private final BitSet arrived = new BitSet();

  /** For each piece how many peers owe it: two at most, the second to hedge the first. */
  private final byte[] owing;

  /** Pieces that somebody owes. */
  private int pending;

  private int storedCount;
  private long nextHedge = Long.MIN_VALUE;

  private @Nullable SourceWindow source;
  private int fullPeers;
  private long lastProgress;
  private long nextWake = Long.MAX_VALUE;
  private boolean over;
  private List<Action> actions = new ArrayList<>();

  /**
   * A download that has not begun; the first event, whatever it is, begins it.
   *
   * @param held pieces on disk already; copied
   */
  public BlobDownload(
      PieceLayout layout, BitSet held, EngineSettings settings, RandomGenerator random) {
    this.layout = layout;
    this.settings = settings;
    this.stored = (BitSet) held.clone();
    this.storedCount = held.cardinality();
    this.owing = new byte[layout.count()];
    this.order = new RarestFirstOrder(layout.count(), held, random);
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
    if (event instanceof Event.PeerHas e && nextWake < Long.MAX_VALUE && !gains(e, now)) {
      return List.of();
    }
    actions = new ArrayList<>();
    apply(event, window, now);
    if (!over && storedCount == layout.count()) {
      finish(new Action.Complete(), window);
    }
    if (!over) {
      fill(window, now);
      giveUpIfStuck(window, now);
    }
    if (!over) {
      wake(window, now);
    }
    return actions;
  }

  /** Pieces stored, a copy. */
  public BitSet stored() {
    return (BitSet) stored.clone();
  }

  public boolean isOver() {
    return over;
  }

  private SourceWindow begun(long now) {
    if (source == null) {
      long pieces = Math.max(1, settings.sourceWindowBytes() / layout.pieceSize());
      source = new SourceWindow(Math.toIntExact(pieces), now + settings.sourceGrace());
      lastProgress = now;
    }
    return source;
  }

  private void apply(Event event, SourceWindow window, long now) {
    switch (event) {
      case Event.PeerJoined e -> join(e);
      case Event.PeerLeft e -> leave(e.peer());
      case Event.PeerHas e -> {
        PeerState peer = peers.get(e.peer());
        if (peer != null) {
          peerHas(peer, e.piece());
        }
      }
      case Event.PieceArrived e -> pieceArrived(e, now);
      case Event.PieceStored e -> pieceStored(e, window);
      case Event.PieceCorrupt e -> pieceCorrupt(e, window, now);
      case Event.StoreFailed e -> finish(new Action.Fail(e.reason()), window);
      case Event.PeerBusy e -> peerBusy(e, now);
      case Event.PeerRejected e -> peerRejected(e);
      case Event.LeaseAnswered e -> leaseAnswered(e, window, now);
      case Event.SourceFailed e -> sourceFailed(e, window, now);
      case Event.ReaderAt e -> readers.put(e.reader(), e.piece());
      case Event.ReaderGone e -> readers.remove(e.reader());
      case Event.Tick e -> {
        if (now >= nextWake) {
          nextWake = Long.MAX_VALUE;
        }
        expireRequests(now);
      }
    }
  }

  // ---- peers

  private void join(Event.PeerJoined event) {
    leave(event.peer());
    BitSet has = (BitSet) event.has().clone();
    has.clear(layout.count(), Math.max(layout.count(), has.length()));
    PeerState peer = new PeerState(event.peer(), event.role(), has);
    peers.put(peer.id, peer);
    if (has.cardinality() == layout.count()) {
      peer.full = true;
      fullPeers++;
      peer.useful = order.listed();
    } else {
      for (int piece = has.nextSetBit(0); piece >= 0; piece = has.nextSetBit(piece + 1)) {
        count(peer, piece);
      }
    }
  }

  private void count(PeerState peer, int piece) {
    order.increment(piece);
    if (order.isListed(piece)) {
      peer.useful++;
    }
  }

  private void leave(PeerId id) {
    PeerState peer = peers.remove(id);
    if (peer == null) {
      return;
    }
    for (int piece : peer.requests.pieces()) {
      unrequest(peer, piece);
    }
    if (peer.full) {
      fullPeers--;
    } else {
      peer.has.stream().forEach(order::decrement);
    }
  }

  /**
   * Takes note of what a peer has more, and says whether the download can do anything about it now.
   * Most events of a download are of this kind, and most of them change nothing: it has that piece,
   * or its hands are full.
   */
  private boolean gains(Event.PeerHas event, long now) {
    PeerState peer = peers.get(event.peer());
    return peer != null
        && peerHas(peer, event.piece())
        && order.isListed(event.piece())
        && room() > 0
        && peer.ready(0, layout.pieceSize(), settings, now);
  }

  /** False if that is no news. */
  private boolean peerHas(PeerState peer, int piece) {
    if (piece < 0 || piece >= layout.count() || peer.has.get(piece)) {
      return false;
    }
    peer.has.set(piece);
    count(peer, piece);
    return true;
  }

  private void peerBusy(Event.PeerBusy event, long now) {
    PeerState peer = peers.get(event.peer());
    if (peer != null) {
      peer.quietUntil = Math.max(peer.quietUntil, now + event.retryAfter());
      unrequest(peer, event.piece());
    }
  }

  private void peerRejected(Event.PeerRejected event) {
    PeerState peer = peers.get(event.peer());
    if (peer == null) {
      return;
    }
    int piece = event.piece();
    unrequest(peer, piece);
    if (piece >= 0 && piece < layout.count() && peer.has.get(piece)) {
      if (peer.full) {
        // From now on it counts like any other peer, piece by piece.
        peer.full = false;
        fullPeers--;
        peer.has.stream().forEach(order::increment);
      }
      peer.has.clear(piece);
      order.decrement(piece);
      if (order.isListed(piece)) {
        peer.useful--;
      }
    }
  }

  // ---- pieces

  private void pieceArrived(Event.PieceArrived event, long now) {
    lastProgress = now;
    int piece = event.piece();
    PeerState peer = event.from() == null ? null : peers.get(event.from());
    if (peer != null && peer.requests.contains(piece)) {
      peer.arrived(piece, layout.length(piece), now);
      oneRequestLess(piece);
    }
    if (!stored.get(piece)) {
      arrived.set(piece);
      if (order.isListed(piece)) {
        unlist(piece);
      }
    }
  }

  private void pieceStored(Event.PieceStored event, SourceWindow window) {
    int piece = event.piece();
    arrived.clear(piece);
    boolean fromSource = event.from() == null;
    if (window.stored(piece) && !fromSource) {
      actions.add(new Action.ReleaseLease(single(piece)));
    }
    if (stored.get(piece)) {
      return;
    }
    stored.set(piece);
    storedCount++;
    if (order.isListed(piece)) {
      unlist(piece);
    }
    if (owing[piece] > 0) {
      owing[piece] = 0;
      pending--;
      for (PeerState peer : peers.values()) {
        if (peer.requests.remove(piece)) {
          actions.add(new Action.Cancel(peer.id, piece));
        }
      }
    }
    actions.add(new Action.AnnounceHave(piece, fromSource));
  }

  private void pieceCorrupt(Event.PieceCorrupt event, SourceWindow window, long now) {
    int piece = event.piece();
    arrived.clear(piece);
    if (event.from() == null) {
      window.corrupt(piece, now);
    } else {
      actions.add(new Action.Ban(event.from(), "piece " + piece + " does not match its hash"));
      leave(event.from());
    }
    relistIfFree(piece);
  }

  /** Takes back one request; the piece is listed again unless somebody else owes it too. */
  private void unrequest(PeerState peer, int piece) {
    if (peer.requests.remove(piece)) {
      oneRequestLess(piece);
      relistIfFree(piece);
    }
  }

  private void oneRequestLess(int piece) {
    if (owing[piece] > 0 && --owing[piece] == 0) {
      pending--;
    }
  }

  private void relistIfFree(int piece) {
    if (!stored.get(piece)
        && !arrived.get(piece)
        && owing[piece] == 0
        && !(source != null && source.leased(piece))
        && !order.isListed(piece)) {
      order.list(piece);
      for (PeerState peer : peers.values()) {
        peer.useful += peer.has.get(piece) ? 1 : 0;
      }
    }
  }

  private void unlist(int piece) {
    order.unlist(piece);
    for (PeerState peer : peers.values()) {
      peer.useful -= peer.has.get(piece) ? 1 : 0;
    }
  }

  // ---- source

  private void leaseAnswered(Event.LeaseAnswered event, SourceWindow window, long now) {
    BitSet granted = (BitSet) event.granted().clone();
    BitSet useless = (BitSet) granted.clone();
    BitSet settled = (BitSet) stored.clone();
    settled.or(arrived);
    granted.andNot(settled);
    granted.clear(layout.count(), Math.max(layout.count(), granted.length()));
    useless.andNot(granted);
    window.granted(granted, event.retryAfter(), now);
    if (!useless.isEmpty()) {
      actions.add(new Action.ReleaseLease(useless));
    }
    if (!granted.isEmpty()) {
      granted.stream().filter(order::isListed).forEach(this::unlist);
      actions.add(new Action.ReadSource(granted));
    }
  }

  private void sourceFailed(Event.SourceFailed event, SourceWindow window, long now) {
    window.failed(event.pieces(), event.reason(), event.permanent(), now);
    actions.add(new Action.ReleaseLease((BitSet) event.pieces().clone()));
    event.pieces().stream().filter(piece -> piece < layout.count()).forEach(this::relistIfFree);
  }

  private void askForLease(SourceWindow window, long now) {
    int room = window.room(now);
    if (room <= 0) {
      return;
    }
    boolean somebodyHasAll = fullPeers > 0 || order.unavailable() == 0;
    BitSet wanted = somebodyHasAll ? new BitSet() : order.unavailablePieces();
    if (wanted.isEmpty() && now - lastProgress >= stall()) {
      // Peers claim to have it all and send nothing: the broker decides whether to believe them.
      wanted.set(0, layout.count());
      wanted.andNot(stored);
      wanted.andNot(arrived);
      wanted.andNot(window.leases());
    }
    if (!wanted.isEmpty()) {
      window.asked();
      actions.add(new Action.AskLease(wanted, room));
    }
  }

  // ---- filling what is free

  private void fill(SourceWindow window, long now) {
    int room = room();
    room -= fillForReaders(room, now);
    fillRarestFirst(room, now);
    askForLease(window, now);
    hedge(now);
  }

  /** How many more pieces may be asked for. */
  private int room() {
    int inFlight = pending + arrived.cardinality();
    return Math.toIntExact(Math.max(1, settings.maxInFlightBytes() / layout.pieceSize()))
        - inFlight;
  }

  /**
   * Asks for what readers need next, and leaves one place to what is rarest at each peer that is
   * still downloading. Readers that began together want the same piece at the same time; if nobody
   * took anything else from the one that has it, it would send each piece to all of them, one piece
   * after the other.
   */
  private int fillForReaders(int room, long now) {
    int asked = 0;
    int ahead = Math.toIntExact(Math.max(1, settings.windowBytes() / layout.pieceSize()));
    for (int position : readers.values()) {
      int end = Math.min(layout.count(), position + ahead);
      for (int piece = position; piece < end && asked < room; piece++) {
        if (order.isListed(piece) && (fullPeers > 0 || order.availability(piece) > 0)) {
          PeerState peer = quickest(piece, 1, now);
          if (peer != null) {
            request(peer, piece, now);
            asked++;
          }
        }
      }
    }
    return asked;
  }

  /** A round gives every peer with room one piece, so that the first does not take all of them. */
  private void fillRarestFirst(int room, long now) {
    int left = room;
    boolean progress = true;
    while (left > 0 && progress) {
      progress = false;
      for (PeerState peer : peers.values()) {
        if (left > 0 && peer.useful > 0 && peer.ready(0, layout.pieceSize(), settings, now)) {
          int piece = peer.full ? order.rarest(peer.has) : order.rarestOfCounted(peer.has);
          if (piece >= 0) {
            request(peer, piece, now);
            left--;
            progress = true;
          }
        }
      }
    }
  }

  /**
   * Asks a second peer for what holds up a reader or the end longer than its sender's pace says.
   */
  private void hedge(long now) {
    boolean nothingElse = order.listed() == 0;
    if (now < nextHedge || pending == 0 || !(nothingElse || aReaderWaits())) {
      return;
    }
    nextHedge = now + HEDGE_LOOK;
    boolean endgame = layout.count() - storedCount <= settings.endgamePieces();
    long shortest = endgame ? settings.endgameHedgeAfter() : settings.hedgeAfter();
    List<Integer> late = new ArrayList<>();
    for (PeerState peer : peers.values()) {
      long patience = (long) Math.max((double) shortest, 2 * peer.expected(layout.pieceSize()));
      OpenRequests open = peer.requests;
      for (int place = 0; place < open.size(); place++) {
        int piece = open.piece(place);
        if (owing[piece] == 1
            && (nothingElse || readers.containsValue(piece))
            && peer.silence(open.sent(place), now) >= patience) {
          late.add(piece);
        }
      }
    }
    for (int piece : late) {
      PeerState other = quickest(piece, 0, now);
      if (other != null) {
        request(other, piece, now);
      }
    }
  }

  /** Whether a reader's next piece is owed. */
  private boolean aReaderWaits() {
    for (int position : readers.values()) {
      if (position >= 0 && position < layout.count() && owing[position] > 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * The peer with room that should deliver this piece first, agents before seeders when equal.
   *
   * @param spare how many more requests a peer that lacks pieces itself must have room for
   */
  private @Nullable PeerState quickest(int piece, int spare, long now) {
    PeerState best = null;
    for (PeerState peer : peers.values()) {
      if (peer.has.get(piece)
          && !peer.requests.contains(piece)
          && peer.ready(peer.full ? 0 : spare, layout.pieceSize(), settings, now)
          && (best == null || better(peer, best))) {
        best = peer;
      }
    }
    return best;
  }

  private boolean better(PeerState one, PeerState other) {
    int byTime =
        Double.compare(one.expected(layout.pieceSize()), other.expected(layout.pieceSize()));
    return byTime != 0 ? byTime < 0 : one.role.compareTo(other.role) < 0;
  }

  private void request(PeerState peer, int piece, long now) {
    if (order.isListed(piece)) {
      unlist(piece);
    }
    peer.requests.add(piece, now);
    if (owing[piece]++ == 0) {
      pending++;
    }
    actions.add(new Action.Request(peer.id, piece));
  }

  // ---- time

  private void expireRequests(long now) {
    long patience = forOnePiece(settings.requestTimeout());
    for (PeerState peer : peers.values()) {
      OpenRequests open = peer.requests;
      for (int place = 0; place < open.size(); ) {
        int piece = open.piece(place);
        if (peer.silence(open.sent(place), now) >= patience) {
          peer.quietUntil = now + settings.snub();
          actions.add(new Action.Cancel(peer.id, piece));
          unrequest(peer, piece);
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
    boolean nothingOpen = pending == 0 && arrived.isEmpty() && window.idle();
    String failure = window.permanentFailure();
    // A source that will never answer leaves only peers: they get less time to show up.
    long patience = failure == null ? settings.giveUp() : settings.giveUp() / 4;
    if (nothingOpen && now - lastProgress >= patience) {
      int missing = layout.count() - storedCount;
      finish(
          new Action.Fail(
              missing
                  + " of "
                  + layout.count()
                  + " pieces are missing, none of "
                  + peers.size()
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
    for (PeerState peer : peers.values()) {
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
