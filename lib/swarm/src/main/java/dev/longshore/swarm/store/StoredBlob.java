package dev.longshore.swarm.store;

import dev.longshore.piece.PieceMap;
import dev.longshore.piece.SignedPieceMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.BitSet;
import java.util.Optional;

/** A claim on one blob of the store: as long as it is open, the blob stays. Thread-safe. */
public interface StoredBlob extends AutoCloseable {

  PieceMap map();

  /** The signed form of the map, when the store has it. */
  Optional<SignedPieceMap> signedMap();

  /** Whether a verified piece is on disk. */
  boolean has(int piece);

  /** The pieces held, a copy. */
  BitSet held();

  boolean complete();

  /**
   * Writes the bytes of a piece at its offset and then marks it held. The caller has verified them
   * against {@link #map()}. The buffers together hold exactly the piece and are consumed.
   *
   * @throws StoreFullException if the disk is full: the piece is not held, everything else still is
   */
  void write(int piece, ByteBuffer[] bytes) throws IOException;

  /** The blob's file, for positional reads and sendfile of pieces held; closed with this claim. */
  FileChannel file();

  /** Gives the claim back. Idempotent. */
  @Override
  void close();
}
