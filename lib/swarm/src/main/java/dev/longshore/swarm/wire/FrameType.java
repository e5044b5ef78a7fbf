package dev.longshore.swarm.wire;

import dev.longshore.piece.PieceLayout;
import org.jspecify.annotations.Nullable;

/** The types of {@link Frame} on the wire and the bounds of their bodies. */
enum FrameType {
  HELLO(1, 31, 29 + 2 * 256),
  HAVE(2, Sizes.PIECE_REFERENCE, Sizes.LONG_PIECE_REFERENCE),
  BITFIELD(3, Sizes.PIECE_REFERENCE, Sizes.LONG_PIECE_REFERENCE + Sizes.MAX_PIECES / 8),
  REQUEST(4, Sizes.PIECE_REFERENCE, Sizes.LONG_PIECE_REFERENCE),
  PIECE(5, Sizes.PIECE_REFERENCE + 1, Sizes.LONG_PIECE_REFERENCE + PieceLayout.MAX_PIECE_SIZE),
  CANCEL(6, Sizes.PIECE_REFERENCE, Sizes.LONG_PIECE_REFERENCE),
  BUSY(7, Sizes.PIECE_REFERENCE + 4, Sizes.LONG_PIECE_REFERENCE + 4),
  REJECT(8, Sizes.PIECE_REFERENCE, Sizes.LONG_PIECE_REFERENCE),
  PEERS(9, 1 + 32 + 1, 1 + 64 + 1 + Frame.MAX_PEERS * (16 + 1 + 2 + 256)),
  GOODBYE(10, 2, 1 + 256),
  READY(11, 1 + 32, 1 + 64);

  /** Lengths that the bounds are made of. */
  static final class Sizes {
    static final int PIECE_REFERENCE = 1 + 32 + 4;
    static final int LONG_PIECE_REFERENCE = 1 + 64 + 4;
    static final int MAX_PIECES =
        Math.toIntExact(PieceLayout.MAX_BLOB_SIZE / PieceLayout.MAX_PIECE_SIZE);

    private Sizes() {}
  }

  private static final FrameType[] BY_CODE = new FrameType[12];

  static {
    for (FrameType type : values()) {
      BY_CODE[type.code] = type;
    }
  }

  final int code;
  final int minBody;
  final int maxBody;

  FrameType(int code, int minBody, int maxBody) {
    this.code = code;
    this.minBody = minBody;
    this.maxBody = maxBody;
  }

  static @Nullable FrameType ofCode(int code) {
    return code > 0 && code < BY_CODE.length ? BY_CODE[code] : null;
  }
}
