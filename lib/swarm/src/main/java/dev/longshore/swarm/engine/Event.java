package dev.longshore.swarm.engine;

import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** What can happen to a {@link BlobDownload}. Durations and times are nanoseconds. */
public sealed interface Event {

  /**
   * A connected peer told which pieces of the blob it holds (perhaps none yet).
   *
   * @param far whether it is in another zone
   */
  record PeerJoined(PeerId peer, PeerRole role, boolean far, BitSet has) implements Event {}

  /** The connection to a peer ended, or it left the blob. Its open requests are void. */
  record PeerLeft(PeerId peer) implements Event {}

  /** A peer has one more piece. */
  record PeerHas(PeerId peer, int piece) implements Event {}

  /**
   * The bytes of a piece are here whole and are being verified; null: they came from the source.
   */
  record PieceArrived(@Nullable PeerId from, int piece) implements Event {}

  /** A peer sent a piece that is stored already; it was dropped. */
  record PieceCameTwice(PeerId from, int piece) implements Event {}

  /** A piece that arrived was verified and stored. */
  record PieceStored(@Nullable PeerId from, int piece) implements Event {}

  /** A piece that arrived does not match its hash. */
  record PieceCorrupt(@Nullable PeerId from, int piece) implements Event {}

  /** The local store could not take a piece. Terminal. */
  record StoreFailed(String reason) implements Event {}

  /** A peer cannot send a piece now; ask again after that long. */
  record PeerBusy(PeerId peer, int piece, long retryAfter) implements Event {}

  /** A peer that was busy has room for a request. */
  record PeerReady(PeerId peer) implements Event {}

  /** A peer will not send a piece: it does not have it. */
  record PeerRejected(PeerId peer, int piece) implements Event {}

  /** The lease broker's answer: what may be read from the source, until when, when to ask again. */
  record LeaseAnswered(BitSet granted, long validity, long retryAfter) implements Event {}

  /** The source did not deliver these leased pieces. */
  record SourceFailed(BitSet pieces, String reason, boolean permanent) implements Event {}

  /**
   * A reader wants this piece next, and the ones after it soon.
   *
   * @param end of what it wants, exclusive; may be beyond the last piece
   */
  record ReaderAt(long reader, int piece, int end) implements Event {

    /** A reader that goes on to the end of the blob. */
    public ReaderAt(long reader, int piece) {
      this(reader, piece, Integer.MAX_VALUE);
    }
  }

  /** A reader is done. */
  record ReaderGone(long reader) implements Event {}

  /**
   * From now on the whole blob is wanted, as it is at first, or only what readers want: with no
   * reader a download then rests.
   */
  record Wanted(boolean everything) implements Event {}

  /** Another request may be sent now, where none might be; see {@link RequestTurns}. */
  record Turn() implements Event {}

  /** Time passed: due at the last {@link Action.WakeAt}. */
  record Tick() implements Event {}
}
