package dev.longshore.bench.small;

import dev.longshore.service.unit.HostAndPort;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * A TCP relay that hands bytes on later, as a long link would: latency without a limit on the rate.
 *
 * <p>{@code tc netem} would do it in the kernel, and not every kernel has it. A connection through
 * here is accepted at once; the first bytes of each side wait twice as long, for the handshake that
 * a real link would have delayed.
 */
final class LongWay implements AutoCloseable {
  private static final int CHUNK = 64 << 10;
  private static final Chunk END = new Chunk(new byte[0], 0);

  @SuppressWarnings("ArrayRecordComponent") // made and taken apart at once; never compared
  private record Chunk(byte[] bytes, long due) {}

  private final ServerSocket server;
  private final HostAndPort target;
  private final long delayNanos;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private LongWay(ServerSocket server, HostAndPort target, Duration delay) {
    this.server = server;
    this.target = target;
    this.delayNanos = delay.toNanos();
  }

  /**
   * Begins to relay.
   *
   * @param delay one way
   */
  static LongWay to(HostAndPort target, Duration delay) throws IOException {
    LongWay way =
        new LongWay(new ServerSocket(0, 1_000, InetAddress.getLoopbackAddress()), target, delay);
    var _ = way.threads.submit(way::accept);
    return way;
  }

  HostAndPort address() {
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
      relay(near, far, ready);
      relay(far, near, ready);
    }
  }

  private void relay(Socket from, Socket to, long ready) {
    BlockingQueue<Chunk> underWay = new LinkedBlockingQueue<>(1_000);
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
              out.write(chunk.bytes);
            }
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
