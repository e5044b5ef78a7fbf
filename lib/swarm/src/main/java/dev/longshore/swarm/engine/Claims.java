package dev.longshore.swarm.engine;

/** What peers say they have, and whose word counts. */
final class Claims {
  /*
   * What peers say they have decides what is rare, what nobody has and has to be read from the
   * source, and what may come from another zone. Whoever says he has everything and sends rubbish
   * keeps a download from the source for as long as he is believed. So after the first lie what
   * counts is what those have who have sent a piece; the others are asked too, and so prove
   * themselves, but nothing is left to them alone.
   */
  private final Ledger ledger;
  private final Peers peers;

  /** Somebody sent what is not the piece: from then on a peer is believed once it is proven. */
  private boolean deceived;

  Claims(Ledger ledger, Peers peers) {
    this.ledger = ledger;
    this.peers = peers;
  }

  void joined(PeerState peer) {
    if (!deceived) {
      count(peer);
    }
  }

  void left(PeerState peer) {
    uncount(peer);
  }

  /** It sent a piece that is what it should be. */
  void proven(PeerState peer) {
    peer.proven = true;
    count(peer);
  }

  /** Somebody lied. */
  void deceived() {
    if (!deceived) {
      deceived = true;
      peers.all().stream().filter(peer -> !peer.proven).forEach(this::uncount);
    }
  }

  /** A peer has a piece more. */
  void gained(PeerState peer, int piece) {
    peer.has.set(piece);
    if (peer.counted) {
      ledger.order().increment(piece, peer.far);
    }
  }

  /** A peer lacks a piece that it said it has. */
  void lost(PeerState peer, int piece) {
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

  /** From now on it counts like any other peer, piece by piece. */
  private void becomesPartial(PeerState peer) {
    boolean counted = peer.counted;
    uncount(peer);
    peer.full = false;
    if (counted) {
      count(peer);
    }
  }

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
}
