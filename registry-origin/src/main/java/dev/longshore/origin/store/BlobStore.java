package dev.longshore.origin.store;

import java.io.IOException;

/**
 * Where the bytes of blobs lie, by storage key.
 *
 * <p>An object is written under the key that it keeps: what makes it a blob is the metadata
 * transaction that points a digest at its key, so finishing an upload moves and copies nothing.
 * Every method may block on a disk or a network.
 */
public interface BlobStore extends AutoCloseable {

  /**
   * Opens an object to append to it, creating it empty when it is not there. The caller sees to it
   * that a key has one writer at a time.
   *
   * @throws StoreFullException if the store takes no more bytes
   */
  BlobWriter append(StorageKey key) throws IOException;

  /**
   * Opens a finished object; it stays readable while open, also when it is deleted meanwhile.
   *
   * @throws java.nio.file.NoSuchFileException if there is no such object
   */
  BlobReader open(StorageKey key) throws IOException;

  /** Deletes an object; one that is not there counts as deleted. */
  void delete(StorageKey key) throws IOException;

  @Override
  void close();
}
