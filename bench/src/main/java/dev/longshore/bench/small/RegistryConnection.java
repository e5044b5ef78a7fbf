package dev.longshore.bench.small;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.longshore.bench.cluster.Cluster;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;

/** A kept-alive connection to a registry or a mirror, over a bare socket to cost little CPU. */
final class RegistryConnection implements AutoCloseable {
  private final URI registry;
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  RegistryConnection(URI registry) throws IOException {
    this.registry = registry;
    this.socket = new Socket(registry.getHost(), registry.getPort());
    socket.setTcpNoDelay(true);
    this.in = new BufferedInputStream(socket.getInputStream(), 64 << 10);
    this.out = socket.getOutputStream();
  }

  /** The head of an answer alone, with its lines. */
  String head(String path) throws IOException {
    return ask("HEAD", path);
  }

  /** A whole body. */
  byte[] get(String path) throws IOException {
    String head = ask("GET", path);
    byte[] body = in.readNBytes(contentLength(head));
    if (body.length < contentLength(head)) {
      throw new EOFException(registry + path + " was cut off");
    }
    return body;
  }

  private String ask(String method, String path) throws IOException {
    String request =
        method
            + " "
            + path
            + "?ns="
            + Cluster.REGISTRY
            + " HTTP/1.1\r\nHost: "
            + registry.getAuthority()
            + "\r\nAccept: */*\r\n\r\n";
    out.write(request.getBytes(ISO_8859_1));
    StringBuilder head = new StringBuilder();
    while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException(registry + path + " closed the connection");
      }
      head.append((char) next);
    }
    String text = head.toString();
    if (!text.startsWith("HTTP/1.1 200 ")) {
      throw new IOException(registry + path + " answered " + text.lines().findFirst().orElse(""));
    }
    return text;
  }

  private static int contentLength(String head) throws IOException {
    String name = "content-length:";
    return head.lines()
        .filter(line -> line.regionMatches(true, 0, name, 0, name.length()))
        .mapToInt(line -> Integer.parseInt(line.substring(name.length()).strip()))
        .findFirst()
        .orElseThrow(() -> new IOException("an answer without Content-Length: " + head));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
