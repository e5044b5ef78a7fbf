package dev.longshore.swarm.engine;

import dev.longshore.piece.PieceLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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

  private final PieceLayout layout;
  private final EngineSettings settings;
  private final Ledger ledger;
  private final Peers peers;
  private final RequestTurns turns;
  private final Map<Long, Integer> readers = new HashMap<>();
  private final int window;
  private final int mostInFlight;
  private final Set<PeerState> leftToOthers = new LinkedHashSet<>();
  private long nextHedge = Long.MIN_VALUE;

  /** The node can ask nobody for more now. */
  private boolean full;

  PiecePicker(
      PieceLayout layout, EngineSettings settings, Ledger ledger, Peers peers, RequestTurns turns) {
    this.layout = layout;
    this.settings = settings;
    this.ledger = ledger;
    this.peers = peers;
    this.turns = turns;
    this.window = pieces(settings.windowBytes());
    this.mostInFlight = pieces(settings.maxInFlightBytes());
  }

  private int pieces(long bytes) {
    return Math.toIntExact(Math.max(1, bytes / layout.pieceSize()));
  }

  void readerAt(long reader, int piece) {
    readers.put(reader, piece);
  }

  void readerGone(long reader) {
    readers.remove(reader);
  }

  /** Whether a peer with something new might be asked for it now. */
  boolean canAsk(PeerState peer, long now) {
    return room() > 0 && peer.ready(0, layout.pieceSize(), settings, now);
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

  /** Fills what is free. */
  void fill(long now, List<Action> actions) {
    full = false;
    if (!peers.open().isEmpty()) {
      fillForReaders(now, actions);
      fillRarestFirst(now, actions);
    }
    hedge(now, actions);
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
    for (int position : readers.values()) {
      int end = Math.min(layout.count(), position + window);
      for (int piece = Math.max(0, position); piece < end && room > 0 && !full; piece++) {
        if (order.isListed(piece) && (peers.complete() > 0 || order.availability(piece) > 0)) {
          PeerState peer = quickest(peers.open(), piece, false, 1, now);
          while (peer != null && !full && !request(peer, piece, now, actions)) {
            peer = quickest(peers.open(), piece, false, 1, now);
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
        boolean ready = peer.ready(0, layout.pieceSize(), settings, now);
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

  /**
   * Asks a second peer for what holds up a reader or the end longer than its sender's pace says.
   */
  private void hedge(long now, List<Action> actions) {
    boolean nothingElse = ledger.order().listed() == 0;
    if (now < nextHedge || ledger.pending() == 0 || !(nothingElse || aReaderWaits())) {
      return;
    }
    boolean endgame = ledger.missing() <= settings.endgamePieces();
    long shortest = endgame ? settings.endgameHedgeAfter() : settings.hedgeAfter();
    nextHedge = now + settings.endgameHedgeAfter() / 8;
    List<Integer> late = new ArrayList<>();
    for (PeerState peer : peers.all()) {
      long patience = (long) Math.max((double) shortest, 2 * peer.expected(layout.pieceSize()));
      OpenRequests open = peer.requests;
      for (int place = 0; place < open.size(); place++) {
        int piece = open.piece(place);
        if (ledger.owing(piece) == 1
            && (nothingElse || readers.containsValue(piece))
            && peer.silence(open.sent(place), now) >= patience) {
          late.add(piece);
        }
      }
    }
    for (int piece : late) {
      PeerState other = quickest(peers.all(), piece, true, 0, now);
      if (other != null) {
        var _ = request(other, piece, now, actions);
      }
    }
  }

  /** Whether a reader's next piece is owed. */
  private boolean aReaderWaits() {
    for (int position : readers.values()) {
      if (ledger.exists(position) && ledger.owing(position) > 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * The peer with room that should deliver this piece first, agents before seeders when equal.
   *
   * @param late whether it may come from another zone though somebody here has it
   * @param spare how many more requests a peer that lacks pieces itself must have room for
   */
  private @Nullable PeerState quickest(
      List<PeerState> among, int piece, boolean late, int spare, long now) {
    PeerState best = null;
    for (PeerState peer : among) {
      if (peer.has.get(piece)
          && !peer.requests.contains(piece)
          && (late || mayAskUrgently(peer, piece))
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
    ledger.requested(piece);
    peer.requests.add(piece, now);
    actions.add(new Action.Request(peer.id, piece));
    return true;
  }
}
