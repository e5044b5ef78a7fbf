package dev.longshore.swarm.store;

import dev.longshore.piece.SignedPieceMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** A claim on one blob of this process's own store, which may add pieces too. Thread-safe. */
public interface StoredBlob extends ReadableBlob {

  /** The signed form of the map, when the store has it. */
  Optional<SignedPieceMap> signedMap();

  /**
   * Writes the bytes of a piece at its offset and then marks it held. The caller has verified them
   * against {@link #map()}. The buffers together hold exactly the piece and are consumed.
   *
   * @throws StoreFullException if the disk is full: the piece is not held, everything else still is
   */
  void write(int piece, ByteBuffer[] bytes) throws IOException;
}
