package dev.longshore.swarm.wire;

/** Why a connection ends. The wire code is ours and never changes. */
public enum GoodbyeReason {
  /** The member stops. */
  CLOSING(1),
  /** The two share no blob any more. */
  IDLE(2),
  /** Another connection between the same two members stays. */
  DUPLICATE(3),
  /** The member has all the connections it takes. */
  FULL(4),
  /** The other side is shut out for a while. */
  BANNED(5),
  /** A member dialed itself, or one that has another id than expected. */
  WRONG_PEER(6),
  /** The first frame is not a HELLO of this protocol. */
  NOT_HELLO(7),
  /** The HELLO is of a version that is not spoken here. */
  WRONG_VERSION(8),
  /** A frame of a type that is not known. */
  UNKNOWN_FRAME(9),
  /** A frame longer than its type allows. */
  OVERSIZED(10),
  /** A frame whose content contradicts itself or its length. */
  MALFORMED(11),
  /** A piece that nobody asked for. */
  UNREQUESTED(12),
  /** More of something than the member allows one peer. */
  EXCESS(13),
  /** Nothing, or next to nothing of a frame that has begun, arrived or was read for too long. */
  SILENT(14),
  /** A reason of a later version. */
  OTHER(255);

  private final int wireCode;

  GoodbyeReason(int wireCode) {
    this.wireCode = wireCode;
  }

  public int wireCode() {
    return wireCode;
  }

  /** Whether the side that is told so broke the protocol. */
  public boolean isViolation() {
    return switch (this) {
      case NOT_HELLO, WRONG_VERSION, UNKNOWN_FRAME, OVERSIZED, MALFORMED, UNREQUESTED, EXCESS ->
          true;
      case CLOSING, IDLE, DUPLICATE, FULL, BANNED, WRONG_PEER, SILENT, OTHER -> false;
    };
  }

  static GoodbyeReason ofWireCode(int code) {
    for (GoodbyeReason reason : values()) {
      if (reason.wireCode == code) {
        return reason;
      }
    }
    return OTHER;
  }
}
