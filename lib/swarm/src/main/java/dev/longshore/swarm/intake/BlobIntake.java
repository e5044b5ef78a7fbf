package dev.longshore.swarm.intake;

import dev.longshore.oci.Digest;
import dev.longshore.oci.DigestMismatchException;
import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMap;
import dev.longshore.piece.PieceMapBuilder;
import dev.longshore.swarm.node.SourceDeniedException;
import dev.longshore.swarm.node.SourceReader;
import dev.longshore.swarm.store.StoredBlob;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One blob on its way in from its source, into a spool file that any number of readers may follow.
 *
 * <p>The last bytes stay hidden from readers until the digest of the whole blob has been checked,
 * so nobody ever gets a complete wrong blob. A source that breaks off is asked for the rest.
 */
public final class BlobIntake implements AutoCloseable {

  /** How the source is asked again when it breaks off without having sent a byte. */
  private static final Duration[] PAUSES = {
    Duration.ofMillis(200), Duration.ofSeconds(1), Duration.ofSeconds(3)
  };

  private static final int BUFFER = 128 << 10;

  /** Bytes held back until the digest is known to be right. */
  private static final long HELD_BACK = 64 << 10;

  private final Digest digest;
  private final PieceLayout layout;
  private final SourceReader source;
  private final FileChannel file;
  private final CompletableFuture<PieceMap> completion = new CompletableFuture<>();
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private long readable; // guarded by lock
  private @Nullable IOException failure; // guarded by lock
  private volatile long received;

  private BlobIntake(Digest digest, long size, SourceReader source, FileChannel file) {
    this.digest = digest;
    this.layout = PieceLayout.forSize(size);
    this.source = source;
    this.file = file;
    this.thread =
        Thread.ofVirtual().name("intake-" + digest.hex().substring(0, 12)).unstarted(this::run);
  }

  /**
   * Starts to read a blob.
   *
   * @param spool a folder for the spool file, whose name is gone at once: nothing is left behind,
   *     however the process ends
   * @param size bytes in the blob, as the source announced it
   */
  public static BlobIntake start(Path spool, Digest digest, long size, SourceReader source)
      throws IOException {
    Files.createDirectories(spool);
    Path name = Files.createTempFile(spool, digest.hex().substring(0, 12), ".spool");
    FileChannel file = FileChannel.open(name, StandardOpenOption.READ, StandardOpenOption.WRITE);
    Files.delete(name);
    BlobIntake intake;
    try {
      intake = new BlobIntake(digest, size, source, file);
    } catch (IllegalArgumentException e) {
      file.close();
      throw new IOException("cannot read " + digest + ": " + e.getMessage(), e);
    }
    intake.thread.start();
    return intake;
  }

  public Digest digest() {
    return digest;
  }

  public long size() {
    return layout.size();
  }

  /** Bytes that the source sent so far. */
  public long received() {
    return received;
  }

  /**
   * Waits until every byte before {@code end} may be read from {@link #file}.
   *
   * @return how many bytes may be read now: {@code end} or more
   * @throws IOException with the reason when they will never come
   */
  public long await(long end) throws IOException, InterruptedException {
    lock.lockInterruptibly();
    try {
      while (readable < end) {
        if (failure != null) {
          throw new IOException(failure.getMessage(), failure);
        }
        moved.await();
      }
      return readable;
    } finally {
      lock.unlock();
    }
  }

  /** The spool file; closed with this intake. */
  public FileChannel file() {
    return file;
  }

  /** The map of the whole verified blob, or why there is none. */
  public CompletableFuture<PieceMap> completion() {
    return completion;
  }

  /**
   * Copies a finished blob into the store, piece by piece.
   *
   * @param blob opened with the map of {@link #completion}
   */
  public void copyTo(StoredBlob blob) throws IOException {
    PieceLayout pieces = blob.map().layout();
    ByteBuffer buffer = ByteBuffer.allocateDirect(pieces.pieceSize());
    for (int piece = 0; piece < pieces.count(); piece++) {
      if (blob.has(piece)) {
        continue;
      }
      buffer.clear().limit(pieces.length(piece));
      long position = pieces.offset(piece);
      while (buffer.hasRemaining()) {
        if (file.read(buffer, position + buffer.position()) < 0) {
          throw new EOFException("the spool file of " + digest + " ends at byte " + position);
        }
      }
      blob.write(piece, new ByteBuffer[] {buffer.flip()});
    }
  }

  /** Stops reading if it is still going on, and frees the spool file. Idempotent. */
  @Override
  public void close() throws IOException {
    fail(
        new InterruptedIOException(
            "reading " + digest + " was given up: nobody wants it any more"));
    thread.interrupt();
    file.close();
  }

  private void run() {
    MessageDigest hasher = digest.algorithm().newHasher();
    PieceMapBuilder pieces = new PieceMapBuilder(layout);
    try {
      readAll(hasher, pieces);
      Digest found = Digest.of(digest.algorithm(), hasher.digest());
      if (!found.equals(digest)) {
        throw new DigestMismatchException("wrong bytes from the source", digest, found);
      }
      publish(size());
      completion.complete(pieces.finish(digest));
    } catch (IOException e) {
      fail(e);
    } catch (InterruptedException e) {
      fail(new InterruptedIOException("reading " + digest + " was interrupted"));
    }
  }

  private void readAll(MessageDigest hasher, PieceMapBuilder pieces)
      throws IOException, InterruptedException {
    byte[] buffer = new byte[BUFFER];
    long offset = 0;
    int failuresInARow = 0;
    while (offset < size()) {
      long before = offset;
      IOException cause;
      try (InputStream in = source.read(offset, size() - offset)) {
        int n;
        while (offset < size()
            && (n = in.read(buffer, 0, (int) Math.min(buffer.length, size() - offset))) >= 0) {
          hasher.update(buffer, 0, n);
          pieces.update(ByteBuffer.wrap(buffer, 0, n));
          write(ByteBuffer.wrap(buffer, 0, n), offset);
          offset += n;
          received = offset;
          publish(Math.max(0, Math.min(offset, size() - HELD_BACK)));
        }
        cause = new EOFException("the source ended at byte " + offset + " of " + size());
      } catch (SpoolFailedException | SourceDeniedException e) {
        throw e;
      } catch (IOException e) {
        cause = e;
      }
      if (offset < size()) {
        failuresInARow = offset > before ? 0 : failuresInARow + 1;
        if (failuresInARow > PAUSES.length || Thread.currentThread().isInterrupted()) {
          throw new IOException(
              "cannot read " + digest + " from its source: " + cause.getMessage(), cause);
        }
        Thread.sleep(PAUSES[Math.max(0, failuresInARow - 1)]);
      }
    }
  }

  private void write(ByteBuffer bytes, long offset) throws SpoolFailedException {
    try {
      while (bytes.hasRemaining()) {
        file.write(bytes, offset + bytes.position());
      }
    } catch (IOException e) {
      throw new SpoolFailedException(
          "cannot spool " + digest + " to disk at byte " + offset + ": " + e.getMessage(), e);
    }
  }

  private void publish(long end) {
    lock.lock();
    try {
      if (end > readable) {
        readable = end;
        moved.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void fail(IOException reason) {
    if (completion.completeExceptionally(reason)) {
      lock.lock();
      try {
        failure = reason;
        moved.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** The spool file cannot take more: asking the source again would not help. */
  private static final class SpoolFailedException extends IOException {
    SpoolFailedException(String message, IOException cause) {
      super(message, cause);
    }
  }
}
