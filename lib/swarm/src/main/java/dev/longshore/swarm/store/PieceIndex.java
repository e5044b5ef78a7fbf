package dev.longshore.swarm.store;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What is known about blobs and their pieces, in a form that survives the process.
 *
 * <p>A cache of what the files hold: whatever it does not know, or knows about another incarnation
 * of a blob, is found out again by hashing. Thread-safe; two writers of one group must not overlap.
 */
interface PieceIndex extends AutoCloseable {

  /** Pieces in a group, whose state is read and written together. */
  int GROUP_PIECES = 512;

  /** Longs in a bitmap over a group. */
  int GROUP_WORDS = GROUP_PIECES / Long.SIZE;

  /**
   * What is known of a blob as a whole.
   *
   * @param incarnation the random number in the blob's map file when this was noted
   * @param lastUse milliseconds since the epoch
   */
  record BlobNote(long incarnation, long size, int pieceSize, long lastUse) {}

  /**
   * What is known of the pieces of a group; bit <i>i</i> of word <i>j</i> is piece {@code 64j + i}.
   *
   * <p>The two bits of a piece say which of the four states of {@link KnownBlob} it was in:
   *
   * <pre>
   * held kept
   *  0    0   absent
   *  1    0   held: written, or proven, by the process that noted it, and not forced to the disk
   *  1    1   durable: forced to the disk, and needs no proof any more
   *  0    1   suspect: written by an earlier process; may or may not be right
   * </pre>
   *
   * @param held pieces that the process which noted this served
   * @param kept pieces that were durable or suspect
   */
  @SuppressWarnings("ArrayRecordComponent") // made, stored and read at once; never compared
  record GroupNote(long incarnation, long[] held, long[] kept) {}

  Optional<BlobNote> blob(Digest digest);

  Optional<GroupNote> group(Digest digest, int group);

  /**
   * Notes a blob.
   *
   * @throws IndexFullException if the index has no room for one more
   */
  void put(Digest digest, BlobNote note) throws IndexFullException;

  /**
   * Notes a group of pieces.
   *
   * @throws IndexFullException if the index has no room for one more; never for one it has already
   */
  void put(Digest digest, int group, GroupNote note) throws IndexFullException;

  /** Forgets a blob and its groups. */
  void remove(Digest digest, int groups);

  /** Forgets everything about blobs that are not to be kept. */
  void retain(Predicate<Digest> keep);

  /** Forces what was put so far to the disk. */
  void force() throws IOException;

  @Override
  void close() throws IOException;

  /** The index has no room for another blob. */
  final class IndexFullException extends Exception {
    IndexFullException(Throwable cause) {
      super("the piece index is full", cause);
    }
  }

  /** Opens an index, on whatever its last process left. */
  @FunctionalInterface
  interface Opener {
    PieceIndex open() throws IOException;
  }
}
