package dev.longshore.oci.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Answers one request after the other with exactly the bytes that a test says. */
final class ScriptedServer implements AutoCloseable {
  private final ServerSocket server;
  private final Queue<Script> scripts = new ConcurrentLinkedQueue<>();
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final CountDownLatch clientClosed = new CountDownLatch(1);
  final AtomicInteger connections = new AtomicInteger();
  final List<String> requests = new CopyOnWriteArrayList<>();

  /** What to do with one request. */
  private record Script(String answer, boolean close, boolean drip) {}

  ScriptedServer(ServerSocket server) {
    this.server = server;
    Thread.ofVirtual().start(this::accept);
  }

  ScriptedServer() throws IOException {
    this(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
  }

  URI uri(String scheme, String host, String path) {
    return URI.create(scheme + "://" + host + ":" + server.getLocalPort() + path);
  }

  URI uri(String path) {
    return uri("http", "127.0.0.1", path);
  }

  /** The next request is answered with this, and then the next one is awaited. */
  ScriptedServer answer(String... parts) {
    scripts.add(new Script(String.join("", parts), false, false));
    return this;
  }

  ScriptedServer answer(byte[] bytes) {
    scripts.add(new Script(new String(bytes, ISO_8859_1), false, false));
    return this;
  }

  /** The next request is answered with this, and the connection closed. */
  ScriptedServer answerAndClose(String... parts) {
    scripts.add(new Script(String.join("", parts), true, false));
    return this;
  }

  /** The next request is answered with this, a byte at a time. */
  ScriptedServer drip(String answer) {
    scripts.add(new Script(answer, false, true));
    return this;
  }

  /** Waits until a client has closed its side of a connection; false if it does not. */
  boolean clientCloses() throws InterruptedException {
    return clientClosed.await(10, TimeUnit.SECONDS);
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        sockets.add(socket);
        connections.incrementAndGet();
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException _) {
      // the test is over
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      BufferedReader in =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
      OutputStream out = socket.getOutputStream();
      while (true) {
        StringBuilder head = new StringBuilder();
        String line = in.readLine();
        while (line != null && !line.isEmpty()) {
          head.append(line).append('\n');
          line = in.readLine();
        }
        if (line == null) {
          clientClosed.countDown();
          return;
        }
        requests.add(head.toString());
        Script script = scripts.remove();
        byte[] answer = script.answer.getBytes(ISO_8859_1);
        int step = script.drip ? 1 : Math.max(1, answer.length);
        for (int at = 0; at < answer.length; at += step) {
          out.write(answer, at, Math.min(step, answer.length - at));
          out.flush();
          if (script.drip) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
          }
        }
        if (script.close) {
          return;
        }
      }
    } catch (IOException _) {
      clientClosed.countDown(); // reset: it closed with bytes unread
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
