package dev.longshore.swarm.engine;

import dev.longshore.piece.PieceLayout;
import java.util.BitSet;
import java.util.random.RandomGenerator;

/** In which state every piece is. */
final class Ledger {
  /*
   * A piece is in exactly one of four states:
   *
   *   listed     nobody has been asked for it               (in `order`, unless nobody wants it)
   *   pending    asked of one or more peers                 (`owing` > 0), or leased
   *   arrived    its bytes are being verified and written   (in `arrived`)
   *   stored     verified and on disk                       (in `stored`)
   */
  private final PieceLayout layout;
  private final RarestFirst order;
  private final Wishes wishes;
  private final PieceSet stored;
  private final PieceSet arrived;

  /** For each piece how many peers owe it: two at most, the second to hedge the first. */
  private final byte[] owing;

  /** How many were here when the download began. */
  private final int atFirst;

  private int storedCount;
  private int arrivedCount;
  private int pending;

  Ledger(PieceLayout layout, BitSet held, Wishes wishes, RandomGenerator random) {
    int pieces = layout.count();
    this.layout = layout;
    this.wishes = wishes;
    this.order = new RarestFirst(pieces, held, random);
    this.stored = PieceSet.of(pieces, held);
    this.atFirst = stored.count();
    this.storedCount = atFirst;
    this.arrived = new PieceSet(pieces);
    this.owing = new byte[pieces];
  }

  /** The listed ones. */
  RarestFirst order() {
    return order;
  }

  boolean exists(int piece) {
    return piece >= 0 && piece < owing.length;
  }

  int missing() {
    return layout.count() - storedCount;
  }

  /** How many pieces have to come, as far as they are wanted now. */
  int left() {
    return wishes.everything() ? missing() : order.listed() + pending + arrivedCount;
  }

  /** Whether everything that is wanted now is here, apart from what is leased. */
  boolean isResting() {
    return order.listed() == 0 && pending == 0 && arrivedCount == 0;
  }

  /** Whether its bytes are here, verified or not. */
  boolean isHere(int piece) {
    return stored.get(piece) || arrived.get(piece);
  }

  int owing(int piece) {
    return owing[piece];
  }

  /** Pieces that somebody owes. */
  int pending() {
    return pending;
  }

  /** Pieces whose bytes are being verified. */
  int arrived() {
    return arrivedCount;
  }

  /** Pieces whose bytes have come since the download began, verified or not. */
  int came() {
    return storedCount - atFirst + arrivedCount;
  }

  BitSet stored() {
    return stored.toBitSet();
  }

  /** Those whose bytes are not here. */
  BitSet missingPieces() {
    BitSet pieces = new BitSet();
    pieces.set(0, layout.count());
    pieces.andNot(stored.toBitSet());
    pieces.andNot(arrived.toBitSet());
    return pieces;
  }

  /** Those among them that are wanted. */
  BitSet wantedPieces() {
    BitSet pieces = missingPieces();
    if (!wishes.everything()) {
      for (int piece = pieces.nextSetBit(0); piece >= 0; piece = pieces.nextSetBit(piece + 1)) {
        if (!wishes.wants(piece)) {
          pieces.clear(piece);
        }
      }
    }
    return pieces;
  }

  // ---- changes

  void requested(int piece) {
    unlist(piece);
    if (owing[piece]++ == 0) {
      pending++;
    }
  }

  /** A peer owes a piece no more, be it that it came, or that it was taken back. */
  void notOwed(int piece) {
    if (owing[piece] > 0 && --owing[piece] == 0) {
      pending--;
    }
  }

  void leased(int piece) {
    unlist(piece);
  }

  void arrivedNow(int piece) {
    if (!isHere(piece)) {
      arrived.set(piece);
      arrivedCount++;
      unlist(piece);
    }
  }

  /** What arrived was not the piece. */
  void notArrived(int piece) {
    if (arrived.get(piece)) {
      arrived.clear(piece);
      arrivedCount--;
    }
  }

  /** False if it was stored before. */
  boolean storedNow(int piece) {
    notArrived(piece);
    if (stored.get(piece)) {
      return false;
    }
    stored.set(piece);
    storedCount++;
    unlist(piece);
    return true;
  }

  /**
   * Lists a piece that is not leased; false if a peer is about to bring it, it was listed, or
   * nobody wants it.
   */
  boolean listIfFree(int piece) {
    boolean free =
        !isHere(piece) && owing[piece] == 0 && !order.isListed(piece) && wishes.wants(piece);
    if (free) {
      order.list(piece);
    }
    return free;
  }

  /** Nobody wants it any more: it is not to be asked for. */
  void notWanted(int piece) {
    unlist(piece);
  }

  private void unlist(int piece) {
    if (order.isListed(piece)) {
      order.unlist(piece);
    }
  }
}
