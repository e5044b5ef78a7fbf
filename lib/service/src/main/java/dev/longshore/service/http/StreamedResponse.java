package dev.longshore.service.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Writes an answer's body in the order of the calls, whichever threads make them. */
final class StreamedResponse implements ResponseBody {

  private static final int COPY_BYTES = 128 << 10;

  private final Connection connection;
  private final Exchange exchange;
  private final long contentLength;
  private final CompletableFuture<Void> over = new CompletableFuture<>();

  // Calls handed to the event loop that have not run there yet: while there are any, a call made
  // on the event loop itself must queue behind them.
  private final AtomicInteger handedOver = new AtomicInteger();

  private long written; // by one writer at a time
  private volatile boolean ended;

  StreamedResponse(Connection connection, Exchange exchange, long contentLength) {
    this.connection = connection;
    this.exchange = exchange;
    this.contentLength = contentLength;
  }

  void inOrder(Runnable work) {
    if (connection.inEventLoop() && handedOver.get() == 0) {
      work.run();
      return;
    }
    handedOver.incrementAndGet();
    connection.execute(() -> {
      handedOver.decrementAndGet();
      work.run();
    });
  }

  @Override
  public CompletableFuture<Void> write(ByteBuf bytes) {
    CompletableFuture<Void> refusal = claim(bytes.readableBytes());
    if (refusal != null || exchange.isHead()) {
      bytes.release();
      return refusal != null ? refusal : CompletableFuture.completedFuture(null);
    }
    var done = new CompletableFuture<Void>();
    inOrder(() -> follow(connection.write(new DefaultHttpContent(bytes)), done));
    return done;
  }

  @Override
  public CompletableFuture<Void> sendFile(FileChannel file, long offset, long length) {
    CompletableFuture<Void> refusal = claim(length);
    if (refusal != null) {
      return refusal;
    }
    if (exchange.isHead() || length == 0) {
      return CompletableFuture.completedFuture(null);
    }
    var done = new CompletableFuture<Void>();
    if (connection.isSecure()) {
      inOrder(() -> copy(file, offset, length, done));
    } else {
      inOrder(() -> follow(connection.write(connection.fileRegion(file, offset, length)), done));
    }
    return done;
  }

  /** TLS encrypts in this process, so the bytes come through it; the next read waits for them. */
  private void copy(FileChannel file, long offset, long left, CompletableFuture<Void> done) {
    int size = (int) Math.min(left, COPY_BYTES);
    ByteBuf buffer = connection.allocate(size);
    try {
      while (buffer.readableBytes() < size) {
        int at = buffer.readableBytes();
        if (buffer.writeBytes(file, offset + at, size - at) < 0) {
          throw new IOException("the file ends before " + (offset + left));
        }
      }
    } catch (IOException | RuntimeException e) {
      buffer.release();
      done.completeExceptionally(e);
      abort();
      return;
    }
    ChannelFuture sent = connection.write(new DefaultHttpContent(buffer));
    if (left == size) {
      follow(sent, done);
      return;
    }
    var _ =
        sent.addListener(f -> {
          if (f.isSuccess()) {
            copy(file, offset + size, left - size, done);
          } else {
            done.completeExceptionally(f.cause());
          }
        });
  }

  private @Nullable CompletableFuture<Void> claim(long length) {
    if (length < 0) {
      throw new IllegalArgumentException("a length cannot be negative: " + length);
    }
    if (over.isDone()) {
      return CompletableFuture.failedFuture(new ClosedChannelException());
    }
    if (ended || (contentLength >= 0 && length > contentLength - written)) {
      String state = ended ? "after its end" : "beyond its Content-Length of " + contentLength;
      abort();
      return CompletableFuture.failedFuture(
          new IllegalStateException("an answer was written " + state));
    }
    written += length;
    return null;
  }

  private static void follow(ChannelFuture sent, CompletableFuture<Void> done) {
    var _ =
        sent.addListener(f -> {
          if (f.isSuccess()) {
            done.complete(null);
          } else {
            done.completeExceptionally(f.cause());
          }
        });
  }

  @Override
  public CompletableFuture<Void> end() {
    if (contentLength >= 0 && written < contentLength && !exchange.isHead()) {
      abort();
      return CompletableFuture.failedFuture(
          new IllegalStateException(
              "an answer ended after " + written + " of " + contentLength + " bytes"));
    }
    ended = true;
    var done = new CompletableFuture<Void>();
    inOrder(() -> {
      follow(connection.write(LastHttpContent.EMPTY_LAST_CONTENT), done);
      connection.ended(exchange, written);
      over();
    });
    return done;
  }

  @Override
  public void abort() {
    ended = true;
    connection.execute(connection::closeNow);
  }

  boolean isEnded() {
    return ended;
  }

  void over() {
    over.complete(null);
  }

  @Override
  public CompletableFuture<Void> closed() {
    return over;
  }
}
