package dev.longshore.piece;

/**
 * A piece map that may be believed: a cluster key has signed it, or the blob is one piece and so
 * its own digest vouches for it.
 */
public sealed interface VouchedPieceMap permits SignedPieceMap, LonePieceMap {

  PieceMap map();
}
