package dev.longshore.oci.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Sends GET requests by HTTP/1.1 and gives their bodies to read, without redirects, proxies,
 * credentials and repetition. Connections are used again. Thread-safe.
 */
public final class HttpReader implements AutoCloseable {
  /*
   * The JDK's client hands each buffer of a body from its selector thread through a flow to another
   * thread, into fresh arrays, which costs several times what reading the socket does. Here the
   * thread that wants the bytes reads the socket itself.
   */
  private static final Duration IDLE = Duration.ofSeconds(30);

  private final SSLContext tls;
  private final Duration connectTimeout;
  private final Duration readTimeout;
  private final IdleConnections idle = new IdleConnections(IDLE);
  private final Set<Connection> opened = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * A reader without connections.
   *
   * @param tls what servers are trusted by
   * @param connectTimeout for each address of a server
   * @param readTimeout longest wait for the next byte
   */
  public HttpReader(SSLContext tls, Duration connectTimeout, Duration readTimeout) {
    this.tls = tls;
    this.connectTimeout = connectTimeout;
    this.readTimeout = readTimeout;
  }

  /**
   * Sends a request and waits for the head of its answer.
   *
   * @param headers beside Host
   * @throws java.net.http.HttpTimeoutException when the server was silent for too long
   * @throws InterruptedIOException when this thread was interrupted
   * @throws IllegalArgumentException if this is no URL or header that can be sent
   */
  public HttpAnswer get(URI uri, Map<String, String> headers) throws IOException {
    Target target = Target.of(uri);
    String head = head(uri, headers);
    Connection waiting = idle.take(target);
    if (waiting != null) {
      HttpAnswer answer = sendAgain(waiting, head);
      if (answer != null) {
        return answer;
      }
    }
    return send(open(target), head);
  }

  private Connection open(Target target) throws IOException {
    Connection fresh = Connection.open(target, tls, connectTimeout, readTimeout, opened::remove);
    opened.add(fresh);
    if (closed) {
      fresh.close();
      throw new IOException("the HTTP reader is closed");
    }
    return fresh;
  }

  /** On a connection that the server may have closed meanwhile: then null. */
  private @Nullable HttpAnswer sendAgain(Connection connection, String head) throws IOException {
    try {
      return send(connection, head);
    } catch (EOFException | SocketException e) {
      if (Thread.currentThread().isInterrupted()) {
        InterruptedIOException interrupted = new InterruptedIOException("interrupted");
        interrupted.initCause(e);
        throw interrupted;
      }
      return null;
    }
  }

  private HttpAnswer send(Connection connection, String head) throws IOException {
    boolean answered = false;
    try {
      connection.write(head);
      AnswerHead answer = AnswerHead.read(connection);
      AnswerBody body = AnswerBody.after(answer, connection, idle);
      answered = true;
      return new HttpAnswer(answer.status(), answer.headers(), body);
    } finally {
      if (!answered) {
        connection.close();
      }
    }
  }

  private static String head(URI uri, Map<String, String> headers) {
    String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    String host = uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
    StringBuilder head = new StringBuilder(256);
    head.append("GET ").append(checked(path + query)).append(" HTTP/1.1\r\n");
    head.append("Host: ").append(checked(host)).append("\r\n");
    headers.forEach((name, value) ->
        head.append(checked(name)).append(": ").append(checked(value)).append("\r\n"));
    return head.append("\r\n").toString();
  }

  /** Nothing may end a line, or be lost in Latin-1. */
  private static String checked(String text) {
    if (!text.chars().allMatch(c -> c == '\t' || (c >= 0x20 && c != 0x7f && c <= 0xff))) {
      throw new IllegalArgumentException("a character that no request can carry");
    }
    return text;
  }

  /** Closes every connection, also under the hands of who reads from it. */
  @Override
  public void close() {
    closed = true;
    opened.forEach(IdleConnections::drop);
  }
}
