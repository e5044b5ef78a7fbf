package dev.longshore.oci.layout;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.DigestMismatchException;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.client.RangeIgnoredException;
import dev.longshore.oci.client.RegistryClient;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Downloads blobs into partial files that outlive us, and gives them their name once verified.
 *
 * <p>A blob whose partial file is there is gone on with. Several may be fetched at once.
 */
public final class BlobDownload {
  private static final int BUFFER = 256 << 10;

  private final RegistryClient client;
  private final RepositoryName repository;
  private final TransferListener listener;

  public BlobDownload(RegistryClient client, RepositoryName repository, TransferListener listener) {
    this.client = client;
    this.repository = repository;
    this.listener = listener;
  }

  /**
   * Fetches a blob, or the rest of it.
   *
   * @param partial where its first bytes wait for the rest; on the file system of {@code target}
   * @param target appears whole, verified and synced, in the place of what had this name
   * @throws DigestMismatchException if its source sends other bytes; nothing of them is kept
   */
  public void fetch(Descriptor blob, Path partial, Path target) throws IOException {
    try (FileChannel file =
        FileChannel.open(
            partial,
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      lock(file, partial);
      complete(blob, file);
      file.force(true);
      DurableFiles.rename(partial, target);
    } catch (DigestMismatchException e) {
      Files.deleteIfExists(partial);
      throw e;
    }
  }

  /** The lock goes with the channel; it keeps a second pull from writing the same file. */
  private static void lock(FileChannel file, Path partial) throws IOException {
    try {
      if (file.tryLock() != null) {
        return;
      }
    } catch (OverlappingFileLockException e) {
      // The same answer as from another process.
    }
    throw new IOException(partial + " is being written by another process; wait for it to end");
  }

  private void complete(Descriptor blob, FileChannel file) throws IOException {
    if (file.size() > 0 && file.size() <= blob.size()) {
      try {
        resume(blob, file);
        return;
      } catch (DigestMismatchException | RangeIgnoredException e) {
        // What an earlier pull left may be damaged, or cannot be added to: fetch it all.
        listener.resumed(blob, 0);
      }
    }
    file.truncate(0);
    file.position(0);
    try (InputStream in = client.openBlob(repository, blob.digest(), blob.size())) {
      copy(in, file, blob, null);
    }
  }

  private void resume(Descriptor blob, FileChannel file) throws IOException {
    MessageDigest hasher = blob.digest().algorithm().newHasher();
    hashExisting(file, hasher);
    long have = file.position();
    listener.resumed(blob, have);
    if (have < blob.size()) {
      try (InputStream in =
          client.openBlobRange(repository, blob.digest(), have, blob.size() - have)) {
        copy(in, file, blob, hasher);
      }
    }
    Digest found = Digest.of(blob.digest().algorithm(), hasher.digest());
    if (!found.equals(blob.digest())) {
      throw new DigestMismatchException("resumed blob", blob.digest(), found);
    }
  }

  private static void hashExisting(FileChannel file, MessageDigest hasher) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    file.position(0);
    while (file.read(buffer.clear()) >= 0) {
      hasher.update(buffer.flip());
    }
  }

  private void copy(
      InputStream in, FileChannel file, Descriptor blob, @Nullable MessageDigest hasher)
      throws IOException {
    byte[] buffer = new byte[BUFFER];
    for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
      ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, count);
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
      if (hasher != null) {
        hasher.update(buffer, 0, count);
      }
      listener.progress(blob, file.position());
    }
    if (file.position() != blob.size()) {
      throw new EOFException(
          "blob "
              + blob.digest()
              + ": expected "
              + blob.size()
              + " bytes, found "
              + file.position());
    }
  }
}
