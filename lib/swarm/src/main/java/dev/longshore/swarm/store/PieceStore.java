package dev.longshore.swarm.store;

import dev.longshore.oci.Digest;
import dev.longshore.piece.PieceMap;
import dev.longshore.piece.VouchedPieceMap;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToIntFunction;

/**
 * The blobs this node holds, wholly or in part. Thread-safe.
 *
 * <p>A piece that the store reports as held was verified against its map and is on disk; after an
 * unclean stop whatever cannot be proven is hashed again before it is reported.
 */
public interface PieceStore extends AutoCloseable {

  /**
   * Opens the blob of this map, creating its (sparse, preallocated where the file system can) file
   * when it is new. Every open must be closed; an open blob is never evicted.
   *
   * @throws StoreFullException if the disk or the quota has no room, even after eviction
   */
  StoredBlob open(VouchedPieceMap map) throws IOException;

  /**
   * As {@link #open(VouchedPieceMap)} for a map this node computed itself, which nobody signed:
   * such a blob can be served, but its map cannot be handed on.
   */
  StoredBlob openUnsigned(PieceMap map) throws IOException;

  /** Opens a blob that the store knows already. */
  Optional<StoredBlob> find(Digest digest) throws IOException;

  /** Every blob the store knows, for announcing at start and for {@code /debug}. */
  List<BlobSummary> list();

  /**
   * Forgets a blob and deletes its file, once nobody in this process has it open.
   *
   * @throws IOException if another process has it open ({@link SharedStore}); then it stays
   */
  void delete(Digest digest) throws IOException;

  /**
   * Idle blobs that are next in line to be evicted, first those that go first, when the quota is so
   * far used that this is near; of these it is worth knowing who else holds them.
   */
  default List<Digest> nextToGo(int most) {
    return List.of();
  }

  /**
   * Says how the store learns how many other members hold a blob, roughly: when it must evict, it
   * gives up such blobs sooner. Without this it goes by last use alone.
   */
  default void countHoldersBy(ToIntFunction<Digest> otherHolders) {}

  /** Bytes of pieces held, over all blobs. */
  long bytesHeld();

  /**
   * Done once everything an earlier process left is either reported as held or known to be missing;
   * what was proven meanwhile is worth announcing again.
   */
  default CompletableFuture<Void> recovered() {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  void close() throws IOException;

  /**
   * One line of {@link #list}.
   *
   * @param digest the blob
   * @param size its bytes
   * @param pieces how many it has
   * @param held how many of them are here
   */
  record BlobSummary(Digest digest, long size, int pieces, int held) {
    public boolean complete() {
      return held == pieces;
    }
  }
}
