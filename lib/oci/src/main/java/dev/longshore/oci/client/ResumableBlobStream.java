package dev.longshore.oci.client;

import dev.longshore.oci.http.BodyStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;

/**
 * Reads a range of a blob through cuts: reopens where it was and goes on.
 *
 * <p>Attempts are counted from the last real progress, so that a long blob survives many cuts but a
 * server that yields a byte at a time does not keep us for ever. For one thread.
 */
final class ResumableBlobStream extends BodyStream {

  /** Less than this between two cuts is no progress. */
  private static final long REAL_PROGRESS = 1 << 20;

  /** Opens the rest from an absolute offset. */
  @FunctionalInterface
  interface Reopening {
    BodyStream from(long offset) throws IOException;
  }

  private final Reopening reopening;
  private final long end;
  private final Backoff backoff;
  private final String attempted;
  private BodyStream current;
  private long position;
  private long lastProgress;
  private int failures;

  ResumableBlobStream(
      Reopening reopening,
      BodyStream first,
      long offset,
      long length,
      Backoff backoff,
      String attempted) {
    this.reopening = reopening;
    this.current = first;
    this.position = offset;
    this.lastProgress = offset;
    this.end = offset + length;
    this.backoff = backoff;
    this.attempted = attempted;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (!target.hasRemaining()) {
      return 0;
    }
    while (true) {
      if (!isOpen()) {
        throw new IOException("the blob stream was closed");
      }
      if (position == end) {
        refuseMore();
        return -1;
      }
      try {
        int count = readUpToEnd(target);
        if (count < 0) {
          throw new EOFException("the answer ended early");
        }
        position += count;
        if (position - lastProgress >= REAL_PROGRESS) {
          lastProgress = position;
          failures = 0;
        }
        return count;
      } catch (InterruptedIOException e) {
        throw e;
      } catch (IOException e) {
        reopenAfter(e);
      }
    }
  }

  private int readUpToEnd(ByteBuffer target) throws IOException {
    int limit = target.limit();
    if (target.remaining() > end - position) {
      target.limit(target.position() + Math.toIntExact(end - position));
    }
    try {
      return current.read(target);
    } finally {
      target.limit(limit);
    }
  }

  /** A body longer than the range is somebody else's content: no byte of it may be trusted. */
  private void refuseMore() throws IOException {
    int extra;
    try {
      extra = current.read();
    } catch (IOException e) {
      // All that was asked for has come; what became of the connection does not matter.
      return;
    }
    if (extra >= 0) {
      throw new IOException(
          "Tried to " + attempted + ": expected the answer to end at byte " + end + ", found more");
    }
  }

  private void reopenAfter(IOException cut) throws IOException {
    IOException cause = cut;
    while (true) {
      current.close();
      if (++failures >= backoff.attempts()) {
        throw new IOException(
            "Tried to "
                + attempted
                + ": cut off at byte "
                + position
                + " of "
                + end
                + ", given up after "
                + failures
                + " attempts: "
                + cause.getMessage(),
            cause);
      }
      backoff.pause(
          failures, cause instanceof RegistryException e ? e.retryAfter().orElse(null) : null);
      try {
        current = reopening.from(position);
        return;
      } catch (RegistryException e) {
        if (!Backoff.isTransient(e.status())) {
          throw e;
        }
        cause = e;
      } catch (RegistryUnreachableException e) {
        cause = e;
      }
    }
  }

  @Override
  protected void release() throws IOException {
    current.close();
  }
}
