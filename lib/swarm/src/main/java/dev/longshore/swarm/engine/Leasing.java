package dev.longshore.swarm.engine;

import dev.longshore.piece.PieceLayout;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a download reads at the source, under leases: what peers do not have. */
final class Leasing {
  private final PieceLayout layout;
  private final Ledger ledger;
  private final Peers peers;
  private final RequestTurns turns;
  private final SourceWindow window;
  private long asked;

  Leasing(PieceLayout layout, Ledger ledger, Peers peers, RequestTurns turns, SourceWindow window) {
    this.layout = layout;
    this.ledger = ledger;
    this.peers = peers;
    this.turns = turns;
    this.window = window;
  }

  /** For a download that begins now. */
  static Leasing begin(
      PieceLayout layout,
      EngineSettings settings,
      Ledger ledger,
      Peers peers,
      RequestTurns turns,
      long now) {
    long pieces = Math.max(1, settings.sourceWindowBytes() / layout.pieceSize());
    // Whether a peer has a piece of a blob in part, the peers say; whether one has a blob of one
    // piece, the broker of leases knows too. So that one is asked at once.
    long grace = layout.count() > 1 ? settings.sourceGrace() : 0;
    SourceWindow window = new SourceWindow(Math.toIntExact(pieces), now + grace);
    return new Leasing(layout, ledger, peers, turns, window);
  }

  boolean leased(int piece) {
    return window.leased(piece);
  }

  boolean idle() {
    return window.idle();
  }

  long nextAsk() {
    return window.nextAsk();
  }

  @Nullable String permanentFailure() {
    return window.permanentFailure();
  }

  /**
   * Asks for leases on what no counted peer has.
   *
   * @param stalled whether peers claim to have it all and send nothing: the broker decides whether
   *     to believe them
   * @return false if the source is left to other downloads now
   */
  boolean ask(boolean stalled, long now, List<Action> actions) {
    int room = window.room(now);
    if (room <= 0) {
      return true;
    }
    RarestFirst order = ledger.order();
    boolean somebodyHasAll = peers.complete() > 0 || order.unavailable() == 0;
    BitSet wanted = somebodyHasAll ? new BitSet() : order.unavailablePieces();
    if (wanted.isEmpty() && stalled) {
      wanted = ledger.wantedPieces();
      wanted.andNot(window.leases());
    }
    if (!wanted.isEmpty()) {
      long most = (long) Math.min(room, wanted.cardinality()) * layout.pieceSize();
      if (!turns.askSource(most, now)) {
        return false;
      }
      asked = most;
      window.asked();
      actions.add(new Action.AskLease(wanted, room));
    }
    return true;
  }

  void answered(Event.LeaseAnswered event, long now, List<Action> actions) {
    BitSet granted = (BitSet) event.granted().clone();
    BitSet useless = (BitSet) granted.clone();
    granted.and(ledger.missingPieces());
    useless.andNot(granted);
    window.granted(granted, event.retryAfter(), now);
    turns.sourceOver(asked - bytes(granted), false, now);
    asked = 0;
    if (!useless.isEmpty()) {
      actions.add(new Action.ReleaseLease(useless));
    }
    if (!granted.isEmpty()) {
      granted.stream().forEach(ledger::leased);
      actions.add(new Action.ReadSource(granted));
    }
  }

  /** The leases on these pieces are void. */
  void failed(Event.SourceFailed event, long now, List<Action> actions) {
    BitSet leased = window.leases();
    leased.and(event.pieces());
    turns.sourceOver(bytes(leased), false, now);
    window.failed(event.pieces(), event.reason(), event.permanent(), now);
    actions.add(new Action.ReleaseLease((BitSet) event.pieces().clone()));
  }

  /** A piece is here, from the source or from a peer that was faster. */
  void stored(int piece, boolean fromSource, long now, List<Action> actions) {
    if (window.stored(piece)) {
      turns.sourceOver(layout.length(piece), fromSource, now);
      if (!fromSource) {
        BitSet one = new BitSet();
        one.set(piece);
        actions.add(new Action.ReleaseLease(one));
      }
    }
  }

  /** The source sent what is not the piece. */
  void corrupt(int piece, long now) {
    if (window.leased(piece)) {
      turns.sourceOver(layout.length(piece), true, now);
    }
    window.corrupt(piece, now);
  }

  /** The download is over. */
  void end(List<Action> actions) {
    if (!window.leases().isEmpty()) {
      actions.add(new Action.ReleaseLease(window.leases()));
    }
  }

  private long bytes(BitSet pieces) {
    return pieces.stream().mapToLong(layout::length).sum();
  }
}
