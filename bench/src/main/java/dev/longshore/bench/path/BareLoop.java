package dev.longshore.bench.path;

import dev.longshore.bench.content.LargeBlob;
import dev.longshore.oci.Digest;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
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
public final class BareLoop implements AutoCloseable {
  private static final int PIECE = 1 << 20;
  private static final int WARM_UP_ROUNDS = 2;

  private final Path sent;
  private final Path received;
  private final long size;

  private BareLoop(Path folder, long size) {
    this.sent = folder.resolve("bare-sent");
    this.received = folder.resolve("bare-received");
    this.size = size;
  }

  /** Writes the blob that is to be sent. */
  public static BareLoop prepare(Path folder, long size) throws IOException {
    BareLoop loop = new BareLoop(folder, size);
    try (InputStream in = new LargeBlob(size, 1).open(0);
        OutputStream out = Files.newOutputStream(loop.sent)) {
      in.transferTo(out);
    }
    return loop;
  }

  /**
   * Receives blobs until the code is compiled, then one that counts.
   *
   * @return CPU seconds of the receiving thread for {@code size} bytes
   */
  public static double cpuSeconds(Path folder, long size) throws Exception {
    try (BareLoop loop = prepare(folder, size)) {
      for (int round = 0; round < WARM_UP_ROUNDS; round++) {
        loop.receive();
      }
      return loop.receive();
    }
  }

  /**
   * Receives the blob once.
   *
   * @return CPU seconds of the receiving thread
   */
  public double receive() throws Exception {
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      Thread sender = Thread.ofPlatform().start(() -> send(server));
      InetSocketAddress address = (InetSocketAddress) server.getLocalAddress();
      double cpu;
      try (SocketChannel socket = SocketChannel.open(address);
          FileChannel file =
              FileChannel.open(received, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        cpu = receive(socket, file);
      }
      sender.join();
      return cpu;
    } finally {
      Files.deleteIfExists(received);
    }
  }

  private void send(ServerSocketChannel server) {
    try (SocketChannel socket = server.accept();
        FileChannel file = FileChannel.open(sent)) {
      for (long at = 0; at < size; ) {
        at += file.transferTo(at, size - at, socket);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the bare loop's sender failed", e);
    }
  }

  private double receive(SocketChannel socket, FileChannel file) throws IOException {
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

  /** Deletes the blob. */
  @Override
  public void close() throws IOException {
    Files.deleteIfExists(sent);
  }
}
