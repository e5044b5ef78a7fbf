package dev.longshore.oci.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An answer's body as a stream that gives up on silence.
 *
 * <p>The JDK's own body stream waits for ever on a server that stops sending: a request's timeout
 * ends with the head. The queue is bounded by the demand: at most two buffers lists are under way.
 */
final class TimedBody extends InputStream implements HttpResponse.BodySubscriber<InputStream> {

  private sealed interface Signal {}

  private record Data(List<ByteBuffer> buffers) implements Signal {}

  private record Failure(Throwable cause) implements Signal {}

  private enum End implements Signal {
    COMPLETE
  }

  private static final int DEMAND = 2;

  private final Duration timeout;
  private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
  private final CompletableFuture<Flow.Subscription> subscribed = new CompletableFuture<>();

  // Owned by the one reading thread.
  private final ArrayDeque<ByteBuffer> buffers = new ArrayDeque<>();
  private @Nullable Signal last;
  private volatile boolean closed;

  TimedBody(Duration timeout) {
    this.timeout = timeout;
  }

  @Override
  public CompletionStage<InputStream> getBody() {
    return CompletableFuture.completedStage(this);
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    if (!subscribed.complete(subscription) || closed) {
      subscription.cancel();
    } else {
      subscription.request(DEMAND);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> item) {
    signals.add(new Data(item));
  }

  @Override
  public void onError(Throwable throwable) {
    signals.add(new Failure(throwable));
  }

  @Override
  public void onComplete() {
    signals.add(End.COMPLETE);
  }

  @Override
  public int read() throws IOException {
    ByteBuffer buffer = current();
    return buffer == null ? -1 : buffer.get() & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    ByteBuffer buffer = current();
    if (buffer == null) {
      return -1;
    }
    int count = Math.min(length, buffer.remaining());
    buffer.get(target, offset, count);
    return count;
  }

  /** The next buffer with bytes in it, null at the end. */
  private @Nullable ByteBuffer current() throws IOException {
    while (true) {
      if (closed) {
        throw new IOException("the body was closed");
      }
      ByteBuffer first = buffers.peek();
      if (first != null && first.hasRemaining()) {
        return first;
      }
      if (first != null) {
        buffers.remove();
        continue;
      }
      switch (next()) {
        case Data data -> {
          buffers.addAll(data.buffers());
          subscribed.join().request(1);
        }
        case Failure failure -> throw new IOException(reason(failure.cause()), failure.cause());
        case End.COMPLETE -> {
          return null;
        }
      }
    }
  }

  private Signal next() throws IOException {
    if (last != null) {
      return last;
    }
    try {
      Signal signal = signals.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
      if (signal == null) {
        close();
        throw new HttpTimeoutException("no byte arrived within " + timeout.toMillis() + " ms");
      }
      if (!(signal instanceof Data)) {
        last = signal;
      }
      return signal;
    } catch (InterruptedException e) {
      close();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while reading from the registry");
    }
  }

  private static String reason(Throwable cause) {
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }

  /** Gives the connection up unless the body has been read to its end. */
  @Override
  public void close() {
    closed = true;
    if (subscribed.isDone()) {
      subscribed.join().cancel();
    }
  }
}
