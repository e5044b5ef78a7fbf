package dev.longshore.swarm.node;

import dev.longshore.piece.PieceMap;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.engine.Event;
import dev.longshore.swarm.wire.PieceBytes;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks whole pieces against their map and stores them, on a few threads of its own, the urgent
 * ones first. Its queue is bounded by the {@link ByteBudget} that every piece was reserved from.
 */
final class PieceVerifier implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PieceVerifier.class);

  /** {@link MessageDigest} copies direct buffers 4 KiB at a time; larger steps cost less. */
  private static final int STEP = 64 << 10;

  private final ThreadLocal<Hashing> hashing = ThreadLocal.withInitial(Hashing::new);
  private final ExecutorService threads;
  private final Arrivals arrivals = new Arrivals();
  private final Meters meters;

  /** A piece that waits; {@code order} is that of {@link Arrivals}. */
  private record Check(long order, Runnable task) implements Runnable, Comparable<Check> {
    @Override
    public int compareTo(Check other) {
      return Long.compare(order, other.order);
    }

    @Override
    public void run() {
      task.run();
    }
  }

  private static final class Hashing {
    final MessageDigest digest = PieceMap.newHasher();
    final byte[] step = new byte[STEP];
  }

  PieceVerifier(int threads, Meters meters) {
    this.threads =
        new ThreadPoolExecutor(
            threads,
            threads,
            0,
            TimeUnit.SECONDS,
            new PriorityBlockingQueue<>(),
            new DefaultThreadFactory("swarm-verify", true));
    this.meters = meters;
  }

  /**
   * Verifies and stores a piece, then tells the transfer.
   *
   * @param blob a reference that passes to the verifier
   * @param from who sent it; null: the source
   * @param bytes ownership passes
   * @param room released when the bytes are
   */
  void submit(
      BlobTransfer transfer,
      SharedBlob blob,
      @Nullable PeerId from,
      int piece,
      PieceBytes bytes,
      ByteBudget.Reservation room) {
    long since = System.nanoTime();
    Check check =
        new Check(
            arrivals.order(transfer.priority()),
            () -> {
              meters.verifyWait.record(System.nanoTime() - since, TimeUnit.NANOSECONDS);
              Event result;
              try {
                result = check(blob, from, piece, bytes);
              } finally {
                bytes.release();
                room.release();
                blob.release();
              }
              transfer.verified(result);
            });
    try {
      threads.execute(check);
    } catch (java.util.concurrent.RejectedExecutionException e) {
      bytes.release(); // the node is closing
      room.release();
      blob.release();
    }
  }

  private Event check(SharedBlob blob, @Nullable PeerId from, int piece, PieceBytes bytes) {
    if (blob.stored().has(piece)) {
      meters.unneeded.increment(bytes.length());
      return new Event.PieceStored(from, piece); // a second copy, from the endgame
    }
    ByteBuffer[] buffers = bytes.buffers();
    if (!matches(blob.map(), piece, buffers)) {
      meters.corrupt.increment();
      return new Event.PieceCorrupt(from, piece);
    }
    try {
      blob.stored().write(piece, buffers);
    } catch (IOException | RuntimeException e) {
      log.warn("cannot store piece {} of {}", piece, blob.digest(), e);
      meters.unstored.increment();
      return new Event.StoreFailed(
          "cannot store piece " + piece + " of " + blob.digest() + ": " + e.getMessage());
    }
    meters.verified.increment();
    return new Event.PieceStored(from, piece);
  }

  private boolean matches(PieceMap map, int piece, ByteBuffer[] buffers) {
    Hashing mine = hashing.get();
    for (ByteBuffer buffer : buffers) {
      ByteBuffer view = buffer.duplicate();
      while (view.hasRemaining()) {
        int count = Math.min(STEP, view.remaining());
        view.get(mine.step, 0, count);
        mine.digest.update(mine.step, 0, count);
      }
    }
    return map.matches(piece, mine.digest.digest());
  }

  /** Finishes what was submitted. */
  @Override
  public void close() {
    threads.shutdown();
    boolean interrupted = false;
    try {
      if (!threads.awaitTermination(10, TimeUnit.SECONDS)) {
        log.warn("verifying pieces did not end in time; their writes may still be under way");
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
