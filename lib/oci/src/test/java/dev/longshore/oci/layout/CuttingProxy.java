package dev.longshore.oci.layout;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Passes TCP through, and hangs up on a connection that has carried so many bytes one way. */
final class CuttingProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final int target;
  private final AtomicInteger cutsLeft;
  private final long after;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

  CuttingProxy(int target, int cuts, long after) throws IOException {
    this.target = target;
    this.cutsLeft = new AtomicInteger(cuts);
    this.after = after;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    executor.execute(this::accept);
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  int cutsLeft() {
    return cutsLeft.get();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket near = listener.accept();
        Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
        executor.execute(() -> pump(near, far));
        executor.execute(() -> pump(far, near));
      } catch (IOException e) {
        // Closed: the test is over.
        return;
      }
    }
  }

  private void pump(Socket from, Socket to) {
    long carried = 0;
    byte[] buffer = new byte[16 << 10];
    try (from;
        to;
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        out.write(buffer, 0, count);
        carried += count;
        if (carried > after && cutsLeft.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
          return;
        }
      }
    } catch (IOException e) {
      // One side hung up, or the other pump did; both sockets are closed by now.
      return;
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    executor.shutdownNow();
  }
}
