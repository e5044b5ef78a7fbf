package dev.longshore.bench.cluster;

import dev.longshore.service.net.RateLimit;
import dev.longshore.service.net.TokenBucket;
import dev.longshore.service.unit.DataRate;
import dev.longshore.service.unit.HostAndPort;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A TCP relay that hands bytes on later, as a long link would, or no faster than a link is.
 *
 * <p>{@code tc netem} would do it in the kernel, and not every kernel has it. A connection through
 * a long way is accepted at once; the first bytes of each side wait twice as long, for the
 * handshake that a real link would have delayed.
 */
public final class Relay implements AutoCloseable {
  private static final int CHUNK = 64 << 10;
  private static final Chunk END = new Chunk(new byte[0], 0);

  /** How many chunks of a connection may be under way on a long link, and before a narrow one. */
  private static final int LONG = 1_000;

  private static final int NARROW = 4;

  @SuppressWarnings("ArrayRecordComponent") // made and taken apart at once; never compared
  private record Chunk(byte[] bytes, long due) {}

  private final ServerSocket server;
  private final HostAndPort target;
  private final long delayNanos;
  private final TokenBucket answers;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private Relay(HostAndPort target, Duration delay, RateLimit limit) throws IOException {
    this.server = new ServerSocket(0, 1_000, InetAddress.getLoopbackAddress());
    this.target = target;
    this.delayNanos = delay.toNanos();
    this.answers = TokenBucket.of(limit, System.nanoTime());
    var _ = threads.submit(this::accept);
  }

  /**
   * Begins to relay over a long way without a limit on its rate.
   *
   * @param delay one way
   */
  public static Relay delaying(HostAndPort target, Duration delay) throws IOException {
    return new Relay(target, delay, RateLimit.UNLIMITED);
  }

  /**
   * Begins to relay over a narrow way without delay.
   *
   * @param rate most that the target sends, on all connections together
   */
  public static Relay limiting(HostAndPort target, DataRate rate) throws IOException {
    return new Relay(target, Duration.ZERO, new RateLimit(rate.bytesPerSecond()));
  }

  /** Where it is reached. */
  public HostAndPort address() {
    return new HostAndPort(server.getInetAddress().getHostAddress(), server.getLocalPort());
  }

  private Void accept() throws IOException {
    while (true) {
      Socket near = server.accept();
      Socket far = new Socket(target.host(), target.port());
      near.setTcpNoDelay(true);
      far.setTcpNoDelay(true);
      // SYN and its answer: one round trip before the client may send.
      long ready = System.nanoTime() + 2 * delayNanos;
      relay(near, far, ready, null);
      relay(far, near, ready, answers.limit().isUnlimited() ? null : answers);
    }
  }

  private void relay(Socket from, Socket to, long ready, @Nullable TokenBucket bucket) {
    BlockingQueue<Chunk> underWay = new ArrayBlockingQueue<>(bucket == null ? LONG : NARROW);
    var _ =
        threads.submit(() -> {
          try (InputStream in = from.getInputStream()) {
            byte[] buffer = new byte[CHUNK];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
              long sent = Math.max(System.nanoTime(), ready);
              underWay.put(new Chunk(Arrays.copyOf(buffer, n), sent + delayNanos));
            }
          } finally {
            underWay.put(END);
          }
          return null;
        });
    var _ =
        threads.submit(() -> {
          try (to;
              OutputStream out = to.getOutputStream()) {
            for (Chunk chunk = underWay.take(); chunk.bytes.length > 0; chunk = underWay.take()) {
              LockSupport.parkNanos(chunk.due - System.nanoTime());
              if (bucket != null) {
                LockSupport.parkNanos(bucket.pace(chunk.bytes.length, System.nanoTime()));
              }
              out.write(chunk.bytes);
            }
          } finally {
            // Whoever does not listen any more is not sent to: the other side's thread is let go.
            from.close();
            underWay.clear();
          }
          return null;
        });
  }

  @Override
  public void close() throws IOException {
    server.close();
    threads.shutdownNow();
  }
}
