package dev.longshore.tracker;

import dev.longshore.service.unit.HostAndPort;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A way to a tracker that can go dead without a word, as when a machine loses its power. */
final class SilentLine implements Closeable {
  private final HostAndPort to;
  private final ServerSocket server;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private volatile boolean silent;

  SilentLine(HostAndPort to) throws IOException {
    this.to = to;
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  String address() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  /** From now on nothing comes through, and nothing ends. */
  void fallSilent() {
    silent = true;
  }

  /** Both ends see the connection end now, as when a process is killed. */
  void cut() throws IOException {
    silent = true;
    close();
  }

  private void accept() {
    try {
      while (!server.isClosed()) {
        Socket here = server.accept();
        Socket there = new Socket(to.host(), to.port());
        sockets.add(here);
        sockets.add(there);
        Thread.ofVirtual().start(() -> pass(here, there));
        Thread.ofVirtual().start(() -> pass(there, here));
      }
    } catch (IOException e) {
      silent = true; // the test is over
    }
  }

  private void pass(Socket from, Socket into) {
    byte[] buffer = new byte[64 << 10];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = into.getOutputStream();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        if (!silent) {
          out.write(buffer, 0, count);
        }
      }
      if (!silent) {
        into.close();
      }
    } catch (IOException e) {
      silent = true; // one side has gone: so has the line
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
