package dev.longshore.origin.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Appends to one object. Not thread-safe. */
public interface BlobWriter extends Closeable {

  /** Bytes in the object. */
  long length();

  /**
   * Appends all remaining bytes. When that fails, none of them counts and the object is as long as
   * before.
   *
   * @throws StoreFullException if the store takes no more bytes
   */
  void write(ByteBuffer bytes) throws IOException;

  /** Cuts the object back to its first {@code length} bytes. */
  void truncate(long length) throws IOException;

  /** Reads what was written so far, to hash it again. */
  BlobReader read() throws IOException;

  /** Returns when every byte would outlive a loss of power. */
  void force() throws IOException;
}
