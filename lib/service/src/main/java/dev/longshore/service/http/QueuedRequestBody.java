package dev.longshore.service.http;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A body that the event loop fills and one blocking reader empties. The event loop stops reading
 * the socket when {@link #HIGH_BYTES} wait here.
 */
final class QueuedRequestBody implements RequestBody {

  static final int HIGH_BYTES = 512 << 10;
  private static final int LOW_BYTES = 128 << 10;

  private final Connection connection;
  private final long contentLength;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // All guarded by the lock.
  private final ArrayDeque<ByteBuf> queue = new ArrayDeque<>();
  private long queued;
  private boolean ended;
  private boolean discarded;
  private @Nullable String failure;

  QueuedRequestBody(Connection connection, long contentLength) {
    this.connection = connection;
    this.contentLength = contentLength;
  }

  @Override
  public long contentLength() {
    return contentLength;
  }

  /** Event loop: takes ownership of bytes. Returns whether the socket should not be read now. */
  boolean offer(ByteBuf bytes) {
    lock.lock();
    try {
      if (discarded || !bytes.isReadable()) {
        bytes.release();
        return !discarded && queued >= HIGH_BYTES;
      }
      queue.add(bytes);
      queued += bytes.readableBytes();
      changed.signal();
      return queued >= HIGH_BYTES;
    } finally {
      lock.unlock();
    }
  }

  /** Event loop: the body is whole. */
  void end() {
    lock.lock();
    try {
      ended = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Event loop: no more will come; what is queued can still be read. */
  void fail(String reason) {
    lock.lock();
    try {
      if (!ended && failure == null) {
        failure = reason;
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Nobody will read further: frees what is queued and what may still come. */
  void discard() {
    dropAll();
    connection.resumeBody(this);
  }

  private void dropAll() {
    lock.lock();
    try {
      discarded = true;
      queue.forEach(ByteBuf::release);
      queue.clear();
      queued = 0;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public @Nullable ByteBuf read() throws IOException, InterruptedException {
    connection.continueIfExpected();
    ByteBuf bytes;
    boolean resume;
    lock.lockInterruptibly();
    try {
      while (queue.isEmpty() && !ended && !discarded && failure == null) {
        changed.await();
      }
      if (discarded) {
        throw new RequestBodyException("the request was answered before its body was read");
      }
      bytes = queue.poll();
      if (bytes == null) {
        if (failure != null) {
          throw new RequestBodyException(failure);
        }
        return null;
      }
      long before = queued;
      queued -= bytes.readableBytes();
      resume = before > LOW_BYTES && queued <= LOW_BYTES;
    } finally {
      lock.unlock();
    }
    if (resume) {
      connection.resumeBody(this);
    }
    return bytes;
  }

  @Override
  public byte[] readAll(int limit) throws IOException, InterruptedException {
    if (contentLength > limit) {
      throw new BodyTooLargeException(limit);
    }
    var chunks = new ArrayDeque<byte[]>();
    int total = 0;
    for (ByteBuf bytes = read(); bytes != null; bytes = read()) {
      try {
        if (bytes.readableBytes() > limit - total) {
          throw new BodyTooLargeException(limit);
        }
        byte[] chunk = new byte[bytes.readableBytes()];
        bytes.readBytes(chunk);
        chunks.add(chunk);
        total += chunk.length;
      } finally {
        bytes.release();
      }
    }
    if (chunks.size() == 1) {
      return chunks.getFirst();
    }
    byte[] all = new byte[total];
    int at = 0;
    for (byte[] chunk : chunks) {
      System.arraycopy(chunk, 0, all, at, chunk.length);
      at += chunk.length;
    }
    return all;
  }
}
