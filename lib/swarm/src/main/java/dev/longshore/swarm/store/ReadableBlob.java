package dev.longshore.swarm.store;

import dev.longshore.piece.PieceMap;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.BitSet;

/** A claim on one blob, to read its pieces: as long as it is open, the blob stays. Thread-safe. */
public interface ReadableBlob extends AutoCloseable {

  PieceMap map();

  /** Whether a verified piece is on disk. */
  boolean has(int piece);

  /** The pieces held, a copy. */
  BitSet held();

  boolean complete();

  /**
   * The blob's file, for positional reads and sendfile of pieces held; closed with this claim. The
   * first who asks may have to open it.
   *
   * @throws IOException if the claim is closed, or the file cannot be opened, since too many are,
   *     or since somebody deleted it behind the store's back; who asks again has it tried again
   */
  FileChannel file() throws IOException;

  /** Gives the claim back. Idempotent. */
  @Override
  void close();
}
