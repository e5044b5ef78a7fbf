package dev.longshore.swarm.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Memory for whole pieces, used again instead of being allocated and zeroed anew. Thread-safe. */
public final class PieceBuffers implements AutoCloseable {
  /*
   * Pieces are powers of two of 256 KiB and more, except for the last one of a blob and those of
   * small blobs. Allocators of small buffers hand such sizes through to the JDK, which fills each
   * fresh buffer with zeros, at a tenth of what receiving a piece costs.
   *
   * How many bytes are in use is bounded by whoever reserves room for a piece before it takes a
   * buffer; here only those are bounded that nobody uses.
   */
  private static final int SMALLEST = 64 << 10;

  /** Enough for what one connection and one verifying thread have in their hands. */
  private static final long MOST_IDLE = 8 << 20;

  // Idle buffers would look like leaks: those of pieces are watched by their reservations instead.
  private static final ByteBufAllocator FRESH = new UnpooledByteBufAllocator(true, true);

  private final Map<Integer, Deque<ByteBuf>> idle = new HashMap<>();
  private long idleBytes;
  private int inUse;
  private boolean closed;

  /** A buffer of at least so many bytes, of any content; it is the caller's. */
  ByteBuf take(int length) {
    int capacity = sizeClass(length);
    synchronized (this) {
      inUse++;
      Deque<ByteBuf> some = idle.get(capacity);
      ByteBuf last = some == null ? null : some.pollLast();
      if (last != null) {
        idleBytes -= capacity;
        return last;
      }
    }
    return FRESH.directBuffer(capacity, capacity);
  }

  /** Takes a buffer back; one that somebody else still reads into goes when that ends. */
  void giveBack(ByteBuf buffer) {
    synchronized (this) {
      inUse--;
      if (!closed && buffer.refCnt() == 1 && idleBytes + buffer.capacity() <= MOST_IDLE) {
        idleBytes += buffer.capacity();
        idle.computeIfAbsent(buffer.capacity(), _ -> new ArrayDeque<>()).addLast(buffer);
        return;
      }
    }
    buffer.release();
  }

  private static int sizeClass(int length) {
    int highest = Integer.highestOneBit(Math.max(SMALLEST, length));
    return highest < length ? Math.multiplyExact(highest, 2) : highest;
  }

  /** Buffers that were taken and not given back. */
  synchronized int inUse() {
    return inUse;
  }

  /** Bytes that nobody uses. */
  synchronized long idleBytes() {
    return idleBytes;
  }

  /** Lets go of what nobody uses; what is in use goes when it is given back. */
  @Override
  public void close() {
    List<ByteBuf> all = new ArrayList<>();
    synchronized (this) {
      closed = true;
      idle.values().forEach(all::addAll);
      idle.clear();
      idleBytes = 0;
    }
    all.forEach(ByteBuf::release);
  }
}
