package dev.longshore.origin.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Reads one object at any offset. Thread-safe. */
public interface BlobReader extends Closeable {

  /** Bytes in the object. */
  long length();

  /** The file that holds the object from its first byte on, open until this reader is closed. */
  FileChannel file();

  /**
   * Fills the buffer from this offset on.
   *
   * @throws java.io.EOFException if the object ends before the buffer is full
   */
  void read(long offset, ByteBuffer into) throws IOException;
}
