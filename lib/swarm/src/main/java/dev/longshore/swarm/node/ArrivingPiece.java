package dev.longshore.swarm.node;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.Priority;
import dev.longshore.swarm.wire.FrameDecoder;
import org.jspecify.annotations.Nullable;

/**
 * The piece that arrives on one connection, if any, and the room that it takes or waits for. Owned
 * by the connection's event loop.
 */
final class ArrivingPiece {
  private final ByteBudget budget;
  private final PeerConnection connection;
  private final FrameDecoder decoder;

  /** Room for the piece that is arriving, or that waits to. */
  private ByteBudget.@Nullable Reservation room;

  private @Nullable Digest blob;
  private int piece = -1;

  ArrivingPiece(ByteBudget budget, PeerConnection connection, FrameDecoder decoder) {
    this.budget = budget;
    this.connection = connection;
    this.decoder = decoder;
  }

  boolean isOf(Digest digest) {
    return blob != null && blob.equals(digest);
  }

  boolean is(Digest digest, int number) {
    return isOf(digest) && piece == number;
  }

  /** Begins to receive a piece; false, with reading paused, while there is no room for it. */
  boolean begin(Digest digest, int number, int length, Priority priority) {
    ByteBudget.Reservation reserved = room;
    if (reserved == null) {
      reserved = budget.reserve(length, priority, () -> connection.execute(this::roomIsThere));
      room = reserved;
    }
    if (!reserved.isGranted()) {
      connection.pause(PeerConnection.Pause.NO_ROOM);
      return false;
    }
    blob = digest;
    piece = number;
    return true;
  }

  private void roomIsThere() {
    connection.resume(PeerConnection.Pause.NO_ROOM);
    if (connection.isOpen()) {
      decoder.resume();
    }
  }

  /** The piece is here whole; its room passes to the caller. */
  ByteBudget.Reservation finish() {
    ByteBudget.Reservation reserved = room;
    if (blob == null || reserved == null) {
      throw new IllegalStateException("a piece arrived after it was dropped");
    }
    blob = null;
    room = null;
    return reserved;
  }

  /**
   * The piece is not wanted any more: its bytes go, the rest is read past. Returns which it was.
   */
  int drop() {
    blob = null;
    decoder.discardCurrent();
    giveRoomBack();
    return piece;
  }

  /** Ends whatever waits for room, or has it. */
  void giveRoomBack() {
    ByteBudget.Reservation reserved = room;
    room = null;
    if (reserved != null) {
      reserved.release();
      connection.resume(PeerConnection.Pause.NO_ROOM);
    }
  }
}
