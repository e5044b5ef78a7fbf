package dev.longshore.agent.blob;

import dev.longshore.service.http.ResponseBody;
import io.netty.buffer.ByteBuf;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.LongConsumer;

/**
 * Writes to a client a little ahead of it: enough that the socket never idles, never more than a
 * bound. Used by one thread.
 */
final class PacedBody {
  private static final long AHEAD = 8L << 20;

  /** One sendfile; a long file goes in parts so that the count of what was sent moves. */
  private static final long PART = 4L << 20;

  private record Write(CompletableFuture<Void> done, long bytes) {}

  private final ResponseBody out;
  private final LongConsumer sent;
  private final ArrayDeque<Write> open = new ArrayDeque<>();
  private long ahead;

  /**
   * A writer.
   *
   * @param sent told how many more bytes have left
   */
  PacedBody(ResponseBody out, LongConsumer sent) {
    this.out = out;
    this.sent = sent;
  }

  void sendFile(FileChannel file, long offset, long length)
      throws ClientGoneException, InterruptedException {
    for (long at = offset; at < offset + length; at += PART) {
      long part = Math.min(PART, offset + length - at);
      add(out.sendFile(file, at, part), part);
    }
  }

  /** Ownership of the bytes passes. */
  void write(ByteBuf bytes) throws ClientGoneException, InterruptedException {
    int length = bytes.readableBytes();
    add(out.write(bytes), length);
  }

  /** Waits until everything has left. */
  void flush() throws ClientGoneException, InterruptedException {
    while (!open.isEmpty()) {
      takeOldest();
    }
  }

  private void add(CompletableFuture<Void> done, long bytes)
      throws ClientGoneException, InterruptedException {
    open.add(new Write(done, bytes));
    ahead += bytes;
    while (ahead > AHEAD) {
      takeOldest();
    }
  }

  private void takeOldest() throws ClientGoneException, InterruptedException {
    Write oldest = open.remove();
    ahead -= oldest.bytes;
    try {
      oldest.done.get();
    } catch (ExecutionException e) {
      throw new ClientGoneException(e.getCause() == null ? e : e.getCause());
    }
    sent.accept(oldest.bytes);
  }
}
