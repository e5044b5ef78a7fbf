package dev.longshore.swarm.store;

import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMap;
import dev.longshore.piece.SignedPieceMap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One caller's claim on a blob of the file store. */
final class BlobClaim implements StoredBlob {
  private static final Logger log = LoggerFactory.getLogger(BlobClaim.class);

  private final FilePieceStore store;
  private final KnownBlob blob;
  private final MapFile.Content content;
  private final Path path;
  private final ReopeningChannel reading;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Set under this object's monitor, when the first piece is written. */
  private volatile @Nullable ReopeningChannel writing;

  /** A claim that was counted already; it is given back when this throws. */
  BlobClaim(FilePieceStore store, KnownBlob blob, MapFile.Content content, Path path)
      throws IOException {
    this.store = store;
    this.blob = blob;
    this.content = content;
    this.path = path;
    this.reading = new ReopeningChannel(path, StandardOpenOption.READ);
  }

  @Override
  public PieceMap map() {
    return content.map();
  }

  @Override
  public Optional<SignedPieceMap> signedMap() {
    return Optional.ofNullable(content.signed());
  }

  @Override
  public boolean has(int piece) {
    if (piece < 0 || piece >= blob.layout().count()) {
      throw new IllegalArgumentException("no piece " + piece + " in " + map());
    }
    return blob.has(piece);
  }

  @Override
  public BitSet held() {
    return blob.held();
  }

  @Override
  public boolean complete() {
    return blob.complete();
  }

  @Override
  public FileChannel file() {
    try {
      return reading.get();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + blob.digest() + ": claim is closed", e);
    }
  }

  @Override
  public void write(int piece, ByteBuffer[] bytes) throws IOException {
    checkLength(piece, bytes);
    if (closed.get() || !blob.reclaim()) {
      throw new IOException("cannot write piece " + piece + " of " + map() + ": claim is closed");
    }
    try {
      if (!blob.has(piece)) {
        writeMakingRoom(piece, bytes);
        store.written(blob, piece);
      }
      for (ByteBuffer buffer : bytes) {
        buffer.position(buffer.limit());
      }
    } catch (IOException e) {
      throw store.explained("write piece " + piece + " of " + blob.digest(), e);
    } finally {
      store.release(blob);
    }
  }

  private void checkLength(int piece, ByteBuffer[] bytes) {
    PieceLayout layout = blob.layout();
    int expected = layout.length(piece);
    long found = 0;
    for (ByteBuffer buffer : bytes) {
      found += buffer.remaining();
    }
    if (found != expected) {
      throw new IllegalArgumentException(
          "piece " + piece + " of " + map() + " has " + expected + " bytes, found " + found);
    }
  }

  private void writeMakingRoom(int piece, ByteBuffer[] bytes) throws IOException {
    long offset = blob.layout().offset(piece);
    try {
      writeAt(offset, bytes);
    } catch (IOException e) {
      if (!DiskFull.is(e) || !store.makeRoom()) {
        throw e;
      }
      writeAt(offset, bytes);
    }
  }

  private void writeAt(long offset, ByteBuffer[] bytes) throws IOException {
    while (true) {
      ReopeningChannel channel = writing();
      try {
        writeOnce(channel.get(), offset, bytes);
        return;
      } catch (ClosedByInterruptException e) {
        throw e;
      } catch (ClosedChannelException e) {
        if (channel.isClosed()) {
          throw e;
        }
        log.debug("Another writer of {} was interrupted: writing again", blob.digest(), e);
      }
    }
  }

  /** One positional write a buffer, since FileChannel has no positional gathering write. */
  private static void writeOnce(FileChannel channel, long offset, ByteBuffer[] bytes)
      throws IOException {
    long at = offset;
    for (ByteBuffer buffer : bytes) {
      ByteBuffer view = buffer.duplicate(); // a second try starts from the beginning
      while (view.hasRemaining()) {
        at += channel.write(view, at);
      }
    }
  }

  private ReopeningChannel writing() throws IOException {
    ReopeningChannel current = writing;
    if (current != null) {
      return current;
    }
    synchronized (this) {
      if (closed.get()) {
        throw new ClosedChannelException();
      }
      current = writing;
      if (current == null) {
        current = new ReopeningChannel(path, StandardOpenOption.WRITE);
        writing = current;
      }
      return current;
    }
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    try (ReopeningChannel first = reading;
        ReopeningChannel second = openedForWriting()) {
      log.trace("Closing {} and {}", first, second);
    } catch (IOException e) {
      log.warn("Closing the file of {} failed", blob.digest(), e);
    } finally {
      store.release(blob);
    }
  }

  private synchronized @Nullable ReopeningChannel openedForWriting() {
    return writing;
  }
}
