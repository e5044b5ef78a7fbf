package dev.longshore.swarm.engine;

import dev.longshore.swarm.PeerId;
import java.util.BitSet;

/** What a {@link BlobDownload} wants done. */
public sealed interface Action {

  /**
   * Send REQUEST to a peer.
   *
   * @param hedge whether another peer owes the piece too
   */
  record Request(PeerId peer, int piece, boolean hedge) implements Action {

    /** A request for what nobody owes. */
    public Request(PeerId peer, int piece) {
      this(peer, piece, false);
    }
  }

  /** Send CANCEL to a peer: the piece came from elsewhere, or too slowly. */
  record Cancel(PeerId peer, int piece) implements Action {}

  /** Ask the lease broker for up to {@code max} of these pieces. */
  record AskLease(BitSet wanted, int max) implements Action {}

  /** Read these leased pieces from the source, in order. */
  record ReadSource(BitSet pieces) implements Action {}

  /** Give back leases that are not needed any more. */
  record ReleaseLease(BitSet pieces) implements Action {}

  /** Tell every connected peer, and the broker if it came from the source, that a piece is here. */
  record AnnounceHave(int piece, boolean fromSource) implements Action {}

  /** Close the connection to a peer and do not dial or accept it again for a while. */
  record Ban(PeerId peer, String reason) implements Action {}

  /** Every piece is stored. Terminal. */
  record Complete() implements Action {}

  /** The download cannot go on. Terminal. */
  record Fail(String reason) implements Action {}

  /**
   * Deliver {@link Event.Tick} at this time (nanoseconds, the clock of the events); replaces the
   * last one.
   */
  record WakeAt(long time) implements Action {}
}
