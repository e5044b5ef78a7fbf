package dev.longshore.bench.swarm;

import dev.longshore.bench.content.LargeBlob;
import dev.longshore.oci.Digest;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/**
 * The least that receiving a blob can cost in Java: one thread reads a loopback socket a piece at a
 * time, hashes the piece and writes it at its place in a fresh file.
 */
final class BareLoop {
  private static final int PIECE = 1 << 20;
  private static final int WARM_UP_ROUNDS = 2;

  private BareLoop() {}

  /**
   * Receives blobs until the code is compiled, then one that counts.
   *
   * @return CPU seconds of the receiving thread for {@code size} bytes
   */
  static double cpuSeconds(Path folder, long size) throws Exception {
    Path sent = folder.resolve("bare-sent");
    try (InputStream in = new LargeBlob(size, 1).open(0);
        OutputStream out = Files.newOutputStream(sent)) {
      in.transferTo(out);
    }
    double last = 0;
    for (int round = 0; round <= WARM_UP_ROUNDS; round++) {
      Path received = folder.resolve("bare-received");
      last = receive(sent, received, size);
      Files.delete(received);
    }
    Files.delete(sent);
    return last;
  }

  private static double receive(Path from, Path to, long size) throws Exception {
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      Thread sender = Thread.ofPlatform().start(() -> send(server, from, size));
      InetSocketAddress address = (InetSocketAddress) server.getLocalAddress();
      double cpu;
      try (SocketChannel socket = SocketChannel.open(address);
          FileChannel file =
              FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        cpu = receive(socket, file, size);
      }
      sender.join();
      return cpu;
    }
  }

  private static void send(ServerSocketChannel server, Path from, long size) {
    try (SocketChannel socket = server.accept();
        FileChannel file = FileChannel.open(from)) {
      for (long at = 0; at < size; ) {
        at += file.transferTo(at, size - at, socket);
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("the bare loop's sender failed", e);
    }
  }

  private static double receive(SocketChannel socket, FileChannel file, long size)
      throws IOException {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    MessageDigest hasher = Digest.Algorithm.SHA256.newHasher();
    ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
    long before = threads.getCurrentThreadCpuTime();
    for (long at = 0; at < size; at += piece.capacity()) {
      piece.clear().limit((int) Math.min(PIECE, size - at));
      while (piece.hasRemaining()) {
        if (socket.read(piece) < 0) {
          throw new EOFException("the bare loop's sender stopped at byte " + at);
        }
      }
      hasher.update(piece.flip());
      hasher.digest();
      piece.rewind();
      while (piece.hasRemaining()) {
        file.write(piece, at + piece.position());
      }
    }
    return (threads.getCurrentThreadCpuTime() - before) / 1e9;
  }
}
