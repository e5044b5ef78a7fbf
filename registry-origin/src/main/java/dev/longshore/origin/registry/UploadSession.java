package dev.longshore.origin.registry;

import dev.longshore.oci.Digest;
import dev.longshore.oci.OciError;
import dev.longshore.origin.metadata.BlobRow;
import dev.longshore.origin.metadata.Metadata;
import dev.longshore.origin.metadata.UploadRow;
import dev.longshore.origin.store.BlobStore;
import dev.longshore.origin.store.BlobWriter;
import dev.longshore.origin.store.StoreFullException;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One upload in progress: the open object, and the hash of what it holds so far.
 *
 * <p>One request at a time works on it, under its lock. The hash is kept in memory only; after a
 * restart, or when another algorithm is asked for at the end, the object is read again.
 */
public final class UploadSession {

  /** How long a request waits for another one of the same upload, typically one that died. */
  private static final long LOCK_SECONDS = 10;

  private final UploadRow row;
  private final BlobStore store;
  private final Metadata metadata;
  private final ReentrantLock lock = new ReentrantLock();

  private @Nullable BlobWriter writer;
  private RunningDigest hash;
  private volatile long offset;
  private volatile boolean retired;
  private volatile long lastUsedNanos = System.nanoTime();

  UploadSession(UploadRow row, Digest.Algorithm expected, BlobStore store, Metadata metadata) {
    this.row = row;
    this.store = store;
    this.metadata = metadata;
    this.hash = new RunningDigest(expected);
  }

  public String id() {
    return row.id();
  }

  public String repository() {
    return row.repository();
  }

  /** Bytes received so far. */
  public long offset() {
    return offset;
  }

  boolean isRetired() {
    return retired;
  }

  boolean isIdleSince(long nanoTime) {
    return lastUsedNanos - nanoTime < 0;
  }

  /** Keeps it from being retired as idle for a while. */
  void touch() {
    lastUsedNanos = System.nanoTime();
  }

  /** Opens the object, so that {@link #offset} is right also after a restart. */
  void resume() throws IOException, InterruptedException, RegistryException {
    enter();
    try {
      openWriter();
    } finally {
      leave();
    }
  }

  /**
   * Appends a chunk. When its sender breaks off, what arrived counts and can be continued; when the
   * disk is full, nothing of it counts, since an upload that was refused must not keep it full.
   *
   * @param range where it belongs; null for "at the end"
   */
  public void append(ByteSource chunk, @Nullable ChunkRange range)
      throws IOException, InterruptedException, RegistryException, WrongOffsetException {
    enter();
    try {
      BlobWriter to = openWriter();
      long before = offset;
      checkStart(range);
      RunningDigest hashBefore = hash.copy();
      try {
        receive(chunk, to);
      } catch (StoreFullException e) {
        rewind(before, hashBefore);
        throw e;
      }
      if (range != null && offset - before != range.length()) {
        String found = (offset - before) + " bytes came";
        rewind(before, hashBefore);
        throw new RegistryException(
            OciError.SIZE_INVALID,
            "Content-Range announced " + range.length() + " bytes, but " + found);
      }
    } finally {
      leave();
    }
  }

  /**
   * Appends the last chunk, if there is one, checks the digest and makes the upload a blob. When
   * anything is wrong with the chunk or the digest, the upload stands where it stood before.
   */
  BlobRow finish(ByteSource chunk, @Nullable ChunkRange range, Digest digest)
      throws IOException, InterruptedException, RegistryException, WrongOffsetException {
    enter();
    try {
      BlobWriter from = openWriter();
      checkStart(range);
      long before = offset;
      RunningDigest hashBefore = hash.copy();
      boolean whole = false;
      try {
        receive(chunk, from);
        checkLength(range, offset - before);
        checkDigest(from, digest);
        whole = true;
      } finally {
        if (!whole) {
          rewind(before, hashBefore);
        }
      }
      return commit(from, digest);
    } finally {
      leave();
    }
  }

  /** From here on nothing may touch the object: the row may have been committed. */
  private BlobRow commit(BlobWriter from, Digest digest) throws IOException, InterruptedException {
    try {
      from.force();
      return metadata.commitUpload(row, digest, offset);
    } finally {
      close();
    }
  }

  /** Ends the session without a blob. False when it was ended already. */
  boolean cancel() throws IOException, InterruptedException, RegistryException {
    enter();
    try {
      return metadata.cancelUpload(row.repository(), row.id());
    } finally {
      close();
      leave();
    }
  }

  /** Frees file and memory unless a request is at work; the upload itself can be resumed. */
  boolean retireIfUnused() {
    if (!lock.tryLock()) {
      return false;
    }
    try {
      close();
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void enter() throws InterruptedException, RegistryException {
    if (!lock.tryLock(LOCK_SECONDS, TimeUnit.SECONDS)) {
      throw new RegistryException(
          OciError.BLOB_UPLOAD_INVALID, 409, "another request of this upload is still running");
    }
    lastUsedNanos = System.nanoTime();
    if (retired) {
      lock.unlock();
      throw unknown(row.id());
    }
  }

  private void leave() {
    lastUsedNanos = System.nanoTime();
    lock.unlock();
  }

  static RegistryException unknown(String id) {
    return new RegistryException(
        OciError.BLOB_UPLOAD_UNKNOWN,
        "there is no upload " + id + " in this repository: it is finished, cancelled or expired");
  }

  private BlobWriter openWriter() throws IOException {
    BlobWriter open = writer;
    if (open != null) {
      return open;
    }
    open = store.append(row.key());
    try {
      if (hash.length() != open.length()) {
        hash = RunningDigest.of(hash.algorithm(), open);
      }
    } catch (IOException e) {
      open.close();
      throw e;
    }
    offset = open.length();
    writer = open;
    return open;
  }

  private void receive(ByteSource chunk, BlobWriter to) throws IOException, InterruptedException {
    for (ByteBuf bytes = chunk.read(); bytes != null; bytes = chunk.read()) {
      try {
        for (ByteBuffer part : bytes.nioBuffers()) {
          ByteBuffer same = part.duplicate();
          to.write(part);
          hash.update(same);
        }
      } finally {
        offset = to.length();
        bytes.release();
      }
    }
  }

  private void checkStart(@Nullable ChunkRange range) throws WrongOffsetException {
    if (range != null && range.first() != offset) {
      throw new WrongOffsetException(range.first(), offset);
    }
  }

  private static void checkLength(@Nullable ChunkRange range, long found) throws RegistryException {
    if (range != null && found != range.length()) {
      throw new RegistryException(
          OciError.SIZE_INVALID,
          "Content-Range announced " + range.length() + " bytes, but " + found + " came");
    }
  }

  private void checkDigest(BlobWriter from, Digest expected) throws IOException, RegistryException {
    RunningDigest found =
        hash.algorithm() == expected.algorithm()
            ? hash
            : RunningDigest.of(expected.algorithm(), from);
    if (!found.value().equals(expected)) {
      throw new RegistryException(
          OciError.DIGEST_INVALID,
          "the "
              + offset
              + " bytes received have the digest "
              + found.value()
              + ", expected "
              + expected);
    }
  }

  private void rewind(long to, RunningDigest hashThen) throws IOException {
    BlobWriter open = Objects.requireNonNull(writer, "only an open upload is rewound");
    open.truncate(to);
    offset = to;
    hash = hashThen;
  }

  private void close() {
    retired = true;
    BlobWriter open = writer;
    writer = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        throw new UncheckedIOException("cannot close the object of upload " + row.id(), e);
      }
    }
  }
}
