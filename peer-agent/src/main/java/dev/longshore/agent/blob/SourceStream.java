package dev.longshore.agent.blob;

import dev.longshore.oci.Digest;
import dev.longshore.oci.DigestMismatchException;
import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMap;
import dev.longshore.swarm.node.SourceDeniedException;
import dev.longshore.swarm.source.BlobAtSource;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a blob at its source from an offset on and hands it on without keeping it, checking all
 * that can be checked: each piece when there is a map, else the digest before the last bytes leave.
 *
 * <p>A source that breaks off is asked for the rest. Used by one thread.
 */
final class SourceStream implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SourceStream.class);

  private static final Duration[] PAUSES = {
    Duration.ofMillis(200), Duration.ofSeconds(1), Duration.ofSeconds(3)
  };
  private static final int CHUNK = 256 << 10;

  private final BlobAtSource blob;
  private final @Nullable PieceMap map;
  private final LongConsumer received;
  private final @Nullable MessageDigest wholeBlob;
  private long at;
  private int failuresInARow;
  private @Nullable InputStream in;
  private @Nullable ByteBuf ahead;

  /**
   * A stream.
   *
   * @param map null when there is none. Then a part of the blob cannot be checked here; whoever
   *     puts the parts together checks it
   * @param received told how many more bytes the source sent
   */
  SourceStream(BlobAtSource blob, @Nullable PieceMap map, long offset, LongConsumer received) {
    this.blob = blob;
    this.map = map;
    this.at = offset;
    this.received = received;
    this.wholeBlob = map == null && offset == 0 ? blob.digest().algorithm().newHasher() : null;
  }

  /** Fetches the first bytes, which stay here until they are sent. */
  void prefetch() throws IOException, InterruptedException {
    if (ahead == null) {
      ahead = next();
    }
  }

  /** Sends everything up to {@code end}. */
  void send(PacedBody out, long end) throws IOException, InterruptedException {
    while (true) {
      ByteBuf bytes = ahead;
      ahead = null;
      if (bytes == null) {
        if (at >= end) {
          return;
        }
        bytes = next();
      }
      long beyond = at - end;
      if (beyond > 0) {
        bytes.writerIndex(Math.toIntExact(bytes.writerIndex() - beyond));
      }
      out.write(bytes);
    }
  }

  /** The next bytes, verified as far as they can be; moves on behind them. */
  private ByteBuf next() throws IOException, InterruptedException {
    while (true) {
      try {
        ByteBuf bytes = map == null ? nextChunk() : nextPiece(map);
        at += bytes.readableBytes();
        failuresInARow = 0;
        return bytes;
      } catch (IOException e) {
        closeInput();
        pauseOrGiveUp(e);
      }
    }
  }

  private ByteBuf nextPiece(PieceMap pieces) throws IOException {
    PieceLayout layout = pieces.layout();
    int piece = layout.pieceAt(at);
    InputStream open = in;
    if (open == null) {
      // Whole pieces, also when the range begins inside one: only those can be verified.
      open = blob.read(layout.offset(piece), layout.size() - layout.offset(piece));
      in = open;
    }
    ByteBuf bytes = read(open, layout.length(piece));
    MessageDigest hasher = PieceMap.newHasher();
    hasher.update(bytes.nioBuffer());
    if (!pieces.matches(piece, hasher.digest())) {
      bytes.release();
      throw new WrongPieceException(
          "the source sent wrong bytes for piece " + piece + " of " + blob.digest());
    }
    return bytes.readerIndex(Math.toIntExact(at - layout.offset(piece)));
  }

  private ByteBuf nextChunk() throws IOException {
    InputStream open = in;
    if (open == null) {
      open = blob.read(at, blob.size() - at);
      in = open;
    }
    ByteBuf bytes = read(open, (int) Math.min(CHUNK, blob.size() - at));
    if (wholeBlob != null) {
      wholeBlob.update(bytes.nioBuffer());
      if (at + bytes.readableBytes() == blob.size()) {
        checkDigest(wholeBlob, bytes);
      }
    }
    return bytes;
  }

  private void checkDigest(MessageDigest hasher, ByteBuf last) throws DigestMismatchException {
    Digest found = Digest.of(blob.digest().algorithm(), hasher.digest());
    if (!found.equals(blob.digest())) {
      last.release();
      throw new DigestMismatchException("wrong bytes from the source", blob.digest(), found);
    }
  }

  private ByteBuf read(InputStream open, int length) throws IOException {
    ByteBuf bytes = PooledByteBufAllocator.DEFAULT.directBuffer(length, length);
    try {
      while (bytes.isWritable()) {
        int n = bytes.writeBytes(open, bytes.writableBytes());
        if (n < 0) {
          throw new EOFException(
              "the source ended at byte " + (at + bytes.readableBytes()) + " of " + blob.size());
        }
        received.accept(n);
      }
      return bytes;
    } catch (IOException | RuntimeException e) {
      bytes.release();
      throw e;
    }
  }

  private void pauseOrGiveUp(IOException cause) throws IOException, InterruptedException {
    if (cause instanceof SourceDeniedException || cause instanceof DigestMismatchException) {
      throw cause;
    }
    failuresInARow++;
    // Wrong bytes may have been damaged on the way once, but not twice.
    int most = cause instanceof WrongPieceException ? 1 : PAUSES.length;
    if (failuresInARow > most) {
      throw new IOException(
          "cannot read " + blob.digest() + " from " + blob.source() + ": " + cause.getMessage(),
          cause);
    }
    Thread.sleep(PAUSES[failuresInARow - 1]);
  }

  private void closeInput() {
    InputStream open = in;
    in = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        log.debug("a broken stream of {} does not close", blob.digest(), e);
      }
    }
  }

  @Override
  public void close() {
    closeInput();
    if (ahead != null) {
      ahead.release();
      ahead = null;
    }
  }

  /** One piece is wrong. */
  private static final class WrongPieceException extends IOException {
    WrongPieceException(String message) {
      super(message);
    }
  }
}
