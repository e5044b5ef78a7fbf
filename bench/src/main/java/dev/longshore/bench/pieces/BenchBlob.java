package dev.longshore.bench.pieces;

import dev.longshore.oci.Digest;
import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMap;
import dev.longshore.piece.PieceMapBuilder;
import java.nio.ByteBuffer;
import java.util.Random;

/** A blob of 256 equal pieces of 1 MiB. */
final class BenchBlob {
  static final int PIECE = 1 << 20;
  static final int PIECES = 256;
  static final PieceLayout LAYOUT = new PieceLayout((long) PIECES * PIECE, PIECE);

  private final byte[] piece = new byte[PIECE];
  private final PieceMap map;

  BenchBlob() {
    new Random(1).nextBytes(piece);
    PieceMapBuilder builder = new PieceMapBuilder(LAYOUT);
    for (int i = 0; i < PIECES; i++) {
      builder.update(ByteBuffer.wrap(piece));
    }
    map = builder.finish(Digest.sha256(piece));
  }

  byte[] piece() {
    return piece;
  }

  PieceMap map() {
    return map;
  }
}
