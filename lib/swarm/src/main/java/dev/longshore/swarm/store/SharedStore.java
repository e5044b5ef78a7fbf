package dev.longshore.swarm.store;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.util.Optional;

/**
 * The store of another process on this machine, to read from while that one writes. Thread-safe.
 *
 * <p>Nothing here waits for the other process or keeps it waiting, but that it does not evict what
 * is open here; when it is gone, killed or started anew, the pieces can be read all the same.
 */
public interface SharedStore extends AutoCloseable {

  /**
   * Opens a blob, if the store has it, whatever pieces of it are there; pieces that come later are
   * seen as they come. It counts as used when it is opened and when it is closed.
   */
  Optional<ReadableBlob> find(Digest digest) throws IOException;

  /** Also lets go of every blob that is still open. */
  @Override
  void close() throws IOException;
}
