package dev.longshore.bench.swarm;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.longshore.bench.cluster.Cluster;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * Pulls from an agent over a bare socket and drops the bytes, so that the puller takes as little as
 * possible of the CPU that it shares with what is measured. The agents verify every piece; here
 * only the length is checked.
 */
final class MirrorPull implements AutoCloseable {
  private static final int BUFFER = 256 << 10;

  private final URI mirror;
  private final SocketChannel socket;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER).limit(0);

  MirrorPull(URI mirror) throws IOException {
    this.mirror = mirror;
    this.socket = SocketChannel.open(new InetSocketAddress(mirror.getHost(), mirror.getPort()));
  }

  /**
   * Gets a path of the mirrored registry.
   *
   * @return bytes in the answer's body, all of which were read
   * @throws IOException unless the answer is 200 and as long as it says
   */
  long get(String path) throws IOException {
    String request =
        "GET "
            + path
            + "?ns="
            + Cluster.REGISTRY
            + " HTTP/1.1\r\nHost: "
            + mirror.getAuthority()
            + "\r\nAccept: */*\r\n\r\n";
    ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(ISO_8859_1));
    while (bytes.hasRemaining()) {
      socket.write(bytes);
    }
    String head = readHead();
    if (!head.startsWith("HTTP/1.1 200 ")) {
      throw new IOException(mirror + path + " answered " + head.lines().findFirst().orElse(""));
    }
    long length = contentLength(head);
    skip(length);
    return length;
  }

  private String readHead() throws IOException {
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      if (!buffer.hasRemaining()) {
        fill(BUFFER);
      }
      head.append((char) (buffer.get() & 0xff));
    }
    return head.toString();
  }

  private static long contentLength(String head) throws IOException {
    String name = "content-length:";
    return head.lines()
        .filter(line -> line.regionMatches(true, 0, name, 0, name.length()))
        .mapToLong(line -> Long.parseLong(line.substring(name.length()).strip()))
        .findFirst()
        .orElseThrow(() -> new IOException("an answer without Content-Length: " + head));
  }

  private void skip(long length) throws IOException {
    long left = length - buffer.remaining();
    if (left < 0) {
      throw new IOException(mirror + " sent more than it said");
    }
    buffer.position(buffer.limit());
    while (left > 0) {
      fill((int) Math.min(BUFFER, left));
      left -= buffer.remaining();
      buffer.position(buffer.limit());
    }
  }

  private void fill(int most) throws IOException {
    buffer.clear().limit(most);
    if (socket.read(buffer) < 0) {
      throw new EOFException(mirror + " closed the connection in the middle of an answer");
    }
    buffer.flip();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
