package dev.longshore.swarm.store;

import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMap;
import dev.longshore.piece.SignedPieceMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One caller's claim on a blob of the file store. */
final class BlobClaim implements StoredBlob {
  private static final Logger log = LoggerFactory.getLogger(BlobClaim.class);

  private final FilePieceStore store;
  private final KnownBlob blob;
  private final MapFile.Content content;
  private final ReopeningChannel reading;
  private final ReopeningChannel writing;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** A claim that was counted already. Nothing is opened before somebody reads or writes. */
  BlobClaim(FilePieceStore store, KnownBlob blob, MapFile.Content content, Path path) {
    this.store = store;
    this.blob = blob;
    this.content = content;
    this.reading = new ReopeningChannel(path, StandardOpenOption.READ);
    this.writing = new ReopeningChannel(path, StandardOpenOption.WRITE);
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
  public FileChannel file() throws IOException {
    return reading.toRead(blob.digest());
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
      try {
        writeOnce(writing.get(), offset, bytes);
        return;
      } catch (ClosedByInterruptException e) {
        throw e;
      } catch (ClosedChannelException e) {
        if (writing.isClosed()) {
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

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    try (ReopeningChannel first = reading;
        ReopeningChannel second = writing) {
      log.trace("Closing {} and {}", first, second);
    } catch (IOException e) {
      log.warn("Closing the file of {} failed", blob.digest(), e);
    } finally {
      store.release(blob);
    }
  }
}
