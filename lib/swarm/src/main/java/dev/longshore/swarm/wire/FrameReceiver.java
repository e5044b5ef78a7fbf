package dev.longshore.swarm.wire;

import dev.longshore.oci.Digest;

/** Takes what a {@link FrameDecoder} reads, on the connection's event loop. */
public interface FrameReceiver {

  /** Bytes came off the socket; called before they are decoded. */
  void received(int bytes);

  /** A whole frame. */
  void frame(Frame frame);

  /** The head of a PIECE came: what to do with the {@code length} bytes that follow it. */
  PieceIntake offered(Digest blob, int piece, int length);

  /** The bytes of a piece that was taken are all here; ownership passes. */
  void piece(Digest blob, int piece, PieceBytes bytes);

  /** The peer broke the protocol. Nothing of what it sends is decoded any more. */
  void broken(GoodbyeReason reason, String detail);

  /** What to do with the bytes of a piece. */
  enum PieceIntake {
    /** Collect them. */
    TAKE,
    /** Read past them. */
    DISCARD,
    /** Read no further until {@link FrameDecoder#resume}, then ask again. */
    WAIT,
    /** Nobody asked for it, or not for that many bytes: the peer breaks the protocol. */
    REFUSE
  }
}
