package dev.longshore.swarm.engine;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.longshore.piece.PieceLayout;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which piece is asked of which peer. */
final class PiecePicker {
  /*
   * Pieces that a reader needs next go to the peer expected to deliver them first; then every peer
   * with room gets the rarest piece it has; and what holds up a reader, or the end, is asked of a
   * second peer. Nothing else asks a peer for a piece, so the bounds are all in one place.
   *
   * What a peer in another zone is asked for is said in Crossing.
   */

  /** Requests that are late are looked for this often at most. */
  private static final long HEDGE_LOOK = MILLISECONDS.toNanos(20);

  private final PieceLayout layout;
  private final Ledger ledger;
  private final Peers peers;
  private final RequestTurns turns;
  private final Wishes wishes;
  private final int window;
  private final int mostInFlight;
  private final Set<PeerState> leftToOthers = new LinkedHashSet<>();
  private final Hedging hedging;
  private final List<Integer> late = new ArrayList<>();
  private long nextHedge = Long.MIN_VALUE;
  private long hedgeDue = Long.MAX_VALUE;

  /** The node can ask nobody for more now. */
  private boolean full;

  PiecePicker(
      PieceLayout layout,
      EngineSettings settings,
      Ledger ledger,
      Wishes wishes,
      Peers peers,
      RequestTurns turns) {
    this.layout = layout;
    this.wishes = wishes;
    this.ledger = ledger;
    this.peers = peers;
    this.turns = turns;
    this.hedging = new Hedging(settings);
    this.window = pieces(settings.windowBytes());
    this.mostInFlight = pieces(settings.maxInFlightBytes());
  }

  private int pieces(long bytes) {
    return Math.toIntExact(Math.max(1, bytes / layout.pieceSize()));
  }

  /** Whether a peer with something new might be asked for it now. */
  boolean canAsk(PeerState peer, long now) {
    return room() > 0 && peer.ready(0, now);
  }

  /** Peers that were left to more urgent downloads may be asked again. */
  void askAgain() {
    for (PeerState peer : leftToOthers) {
      if (peers.get(peer.id) == peer) {
        peers.open(peer);
      }
    }
    leftToOthers.clear();
  }

  /** Whether something is not asked for only because other downloads come first. */
  boolean isHeldBack() {
    return full || !leftToOthers.isEmpty();
  }

  Hedging hedging() {
    return hedging;
  }

  /** When a request will be late that is not yet; {@link Long#MAX_VALUE}: none. */
  long hedgeDue() {
    return hedgeDue;
  }

  /** Fills what is free. */
  void fill(long now, List<Action> actions) {
    full = false;
    hedge(now, actions);
    if (!peers.open().isEmpty()) {
      fillForReaders(now, actions);
      fillRarestFirst(now, actions);
    }
  }

  /** How many more pieces may be asked for. */
  private int room() {
    return mostInFlight - ledger.pending() - ledger.arrived();
  }

  /**
   * Asks for what readers need next, and leaves one place to what is rarest at each peer that is
   * still downloading. Readers that began together want the same piece at the same time; if nobody
   * took anything else from the one that has it, it would send each piece to all of them, one piece
   * after the other.
   */
  private void fillForReaders(long now, List<Action> actions) {
    int room = room();
    RarestFirst order = ledger.order();
    for (Wishes.Reader reader : wishes.readers()) {
      int end = Math.min(reader.end(), reader.next() + window);
      for (int piece = reader.next(); piece < end && room > 0 && !full; piece++) {
        if (order.isListed(piece) && (peers.complete() > 0 || order.availability(piece) > 0)) {
          PeerState peer = quickest(peers.open(), piece, 1, now);
          while (peer != null && !full && !request(peer, piece, now, actions)) {
            peer = quickest(peers.open(), piece, 1, now);
          }
          room -= peer == null || full ? 0 : 1;
        }
      }
    }
  }

  /** A round gives every peer with room one piece, so that the first does not take all of them. */
  private void fillRarestFirst(long now, List<Action> actions) {
    int room = room();
    List<PeerState> open = peers.open();
    while (room > 0 && !open.isEmpty() && !full) {
      for (int place = 0; place < open.size() && room > 0 && !full; ) {
        PeerState peer = open.get(place);
        boolean ready = peer.ready(0, now);
        int piece = ready ? rarest(peer) : -1;
        if (piece >= 0) {
          if (request(peer, piece, now, actions)) {
            room--;
            place++;
          }
        } else if (ready) {
          peers.idle(peer);
        } else {
          peers.engaged(peer);
        }
      }
    }
  }

  private int rarest(PeerState peer) {
    return allIsNearer(peer) ? -1 : ledger.order().rarest(peer.has, peer.far);
  }

  /** Whether somebody nearer has everything. */
  private boolean allIsNearer(PeerState peer) {
    return peer.far && peers.completeNear() > 0 && !ledger.order().crossing().isFree();
  }

  /** Whether a peer may be asked for a piece that it has. */
  boolean mayAsk(PeerState peer, int piece) {
    return !peer.far || (!allIsNearer(peer) && ledger.order().crossing().allows(piece));
  }

  /** The same for a piece that is waited for. */
  private boolean mayAskUrgently(PeerState peer, int piece) {
    return !peer.far || (!allIsNearer(peer) && ledger.order().crossing().allowsUrgent(piece));
  }

  /**
   * A period begins.
   *
   * @param nothingCame whether nothing came in the last one
   */
  void period(boolean nothingCame) {
    RarestFirst order = ledger.order();
    boolean somebodyHasAll = peers.complete() > 0;
    order.crossing().period(nothingCame, piece -> somebodyHasAll || order.availability(piece) > 0);
    peers.openFar();
  }

  /** Asks a second peer for what holds up a reader or the end and is late. */
  private void hedge(long now, List<Action> actions) {
    if (now < nextHedge) {
      return;
    }
    nextHedge = now + HEDGE_LOOK;
    hedgeDue = Long.MAX_VALUE;
    if (ledger.pending() == 0) {
      return;
    }
    long patience = hedging.patience(ledger.left());
    if (ledger.order().listed() == 0) {
      for (PeerState peer : peers.all()) {
        for (int place = 0; place < peer.requests.size(); place++) {
          look(peer, place, patience, now);
        }
      }
    } else {
      for (Wishes.Reader reader : wishes.readers()) {
        if (ledger.exists(reader.next()) && ledger.owing(reader.next()) == 1) {
          lookForOwner(reader.next(), patience, now);
        }
      }
    }
    for (int at = 0; at < late.size() && hedging.mayHedge(ledger.came(), now); at++) {
      hedge(late.get(at), patience, now, actions);
    }
    late.clear();
  }

  private void lookForOwner(int piece, long patience, long now) {
    for (PeerState peer : peers.all()) {
      int place = peer.requests.place(piece);
      if (place >= 0) {
        look(peer, place, patience, now);
        return;
      }
    }
  }

  private void look(PeerState peer, int place, long patience, long now) {
    int piece = peer.requests.piece(place);
    if (ledger.owing(piece) == 1) {
      long due = peer.mightBeHere(place) + patience;
      if (due <= now) {
        late.add(piece);
      } else {
        hedgeDue = Math.min(hedgeDue, due);
      }
    }
  }

  private void hedge(int piece, long patience, long now, List<Action> actions) {
    PeerState first = null;
    PeerState second = null;
    for (PeerState peer : peers.all()) {
      if (peer.requests.contains(piece)) {
        first = peer;
      } else if (peer.has.get(piece)
          && peer.ready(0, now)
          && !isLate(peer, patience, now)
          && (second == null || better(peer, second))) {
        second = peer;
      }
    }
    if (first != null && second != null && request(second, piece, now, actions)) {
      hedging.hedged(piece, first, second, now);
    }
  }

  private static boolean isLate(PeerState peer, long patience, long now) {
    return peer.requests.size() > 0 && peer.mightBeHere(0) + patience <= now;
  }

  /**
   * The peer with room that should deliver this piece first, agents before seeders when equal.
   *
   * @param spare how many more requests a peer that lacks pieces itself must have room for
   */
  private @Nullable PeerState quickest(List<PeerState> among, int piece, int spare, long now) {
    PeerState best = null;
    for (PeerState peer : among) {
      if (peer.has.get(piece)
          && !peer.requests.contains(piece)
          && mayAskUrgently(peer, piece)
          && peer.ready(peer.full ? 0 : spare, now)
          && (best == null || better(peer, best))) {
        best = peer;
      }
    }
    return best;
  }

  private boolean better(PeerState one, PeerState other) {
    int byTime = Double.compare(one.expected(), other.expected());
    return byTime != 0 ? byTime < 0 : one.role.compareTo(other.role) < 0;
  }

  /** False if the peer, or all of them, are to be left to other downloads now. */
  private boolean request(PeerState peer, int piece, long now, List<Action> actions) {
    switch (turns.ask(peer.id, layout.length(piece), now)) {
      case YES -> {}
      case NOT_THERE -> {
        leftToOthers.add(peer);
        peers.engaged(peer);
        return false;
      }
      case NOT_NOW -> {
        full = true;
        return false;
      }
    }
    actions.add(new Action.Request(peer.id, piece, ledger.owing(piece) > 0));
    ledger.requested(piece);
    peer.requested(piece, now);
    return true;
  }
}
