package dev.longshore.oci.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** One socket to a server, in the clear or in TLS. For one thread at a time; close for any. */
final class Connection implements AutoCloseable {
  /*
   * Bytes that are there already go from the socket into the caller's direct buffer in one copy,
   * the kernel's. A read that has to wait goes through `step`: only the socket's stream can wait
   * with a time limit, and it fills arrays. TLS always goes that way.
   */
  private static final int STEP = 64 << 10;

  /** Heads are a few hundred bytes; what else is read with them is copied once more. */
  private static final int AHEAD = 4 << 10;

  private final Target target;
  private final SocketChannel channel;
  private final Socket socket;
  private final boolean secure;
  private final InputStream in;
  private final OutputStream out;
  private final ByteBuffer ahead = ByteBuffer.allocate(AHEAD).limit(0);
  private final byte[] step = new byte[STEP];
  private final long timeoutMillis;
  private final Consumer<Connection> onClose;

  private Connection(
      Target target,
      SocketChannel channel,
      Socket socket,
      Duration timeout,
      Consumer<Connection> onClose)
      throws IOException {
    this.target = target;
    this.channel = channel;
    this.socket = socket;
    this.secure = target.secure();
    this.onClose = onClose;
    this.in = socket.getInputStream();
    this.out = socket.getOutputStream();
    this.timeoutMillis = timeout.toMillis();
    socket.setSoTimeout(millis(timeout));
  }

  /** Connects to the first address of the host that answers, each within {@code connectTimeout}. */
  static Connection open(
      Target target,
      SSLContext tls,
      Duration connectTimeout,
      Duration readTimeout,
      Consumer<Connection> onClose)
      throws IOException {
    IOException failure = null;
    for (InetAddress address : InetAddress.getAllByName(target.host())) {
      SocketChannel channel = SocketChannel.open();
      try {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        connect(channel, new InetSocketAddress(address, target.port()), connectTimeout);
        Socket socket =
            target.secure()
                ? secured(channel.socket(), target, tls, readTimeout)
                : channel.socket();
        return new Connection(target, channel, socket, readTimeout, onClose);
      } catch (IOException e) {
        channel.close();
        if (failure != null) {
          e.addSuppressed(failure);
        }
        failure = e;
      }
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("interrupted while connecting");
      }
    }
    throw failure == null ? new IOException(target.host() + " has no address") : failure;
  }

  private static void connect(SocketChannel channel, InetSocketAddress address, Duration timeout)
      throws IOException {
    try {
      channel.socket().connect(address, millis(timeout));
    } catch (SocketTimeoutException e) {
      HttpConnectTimeoutException late =
          new HttpConnectTimeoutException(
              address + " did not answer within " + timeout.toMillis() + " ms");
      late.initCause(e);
      throw late;
    }
  }

  private static Socket secured(Socket plain, Target target, SSLContext tls, Duration timeout)
      throws IOException {
    plain.setSoTimeout(millis(timeout));
    SSLSocket socket =
        (SSLSocket) tls.getSocketFactory().createSocket(plain, target.host(), target.port(), true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    try {
      socket.startHandshake();
    } catch (SocketTimeoutException e) {
      throw late(timeout.toMillis(), e);
    }
    return socket;
  }

  Target target() {
    return target;
  }

  void write(String head) throws IOException {
    out.write(head.getBytes(ISO_8859_1));
    out.flush();
  }

  /** When a head, or a line, that begins now has to be here: a server may not drip it for hours. */
  long deadline() {
    return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
  }

  /** Whether the server said more than it was asked. */
  boolean hasUnread() {
    try {
      return ahead.hasRemaining() || in.available() > 0;
    } catch (IOException _) {
      return false; // closed: whoever uses it finds out
    }
  }

  /** A line without its end, which is CR LF or LF. */
  String readLine(int longest, long deadline) throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      if (!ahead.hasRemaining()) {
        fillAhead(deadline);
      }
      char next = (char) (ahead.get() & 0xff);
      if (next == '\n') {
        int length = line.length();
        if (length > 0 && line.charAt(length - 1) == '\r') {
          line.setLength(length - 1);
        }
        return line.toString();
      }
      if (line.length() >= longest) {
        throw new IOException("the server's answer has a head or a line that is too long");
      }
      line.append(next);
    }
  }

  private void fillAhead(long deadline) throws IOException {
    int count = await(ahead.array(), 0, AHEAD);
    if (System.nanoTime() - deadline >= 0) {
      throw new HttpTimeoutException(
          "the head of an answer or chunk was not here within " + timeoutMillis + " ms");
    }
    if (count < 0) {
      throw new EOFException("the connection was closed before the answer's head had come");
    }
    ahead.position(0).limit(count);
  }

  /** Bytes read, at least one; -1 when the server has closed the connection. */
  int read(ByteBuffer into) throws IOException {
    if (ahead.hasRemaining()) {
      int count = Math.min(ahead.remaining(), into.remaining());
      into.put(into.position(), ahead, ahead.position(), count);
      into.position(into.position() + count);
      ahead.position(ahead.position() + count);
      return count;
    }
    if (into.hasArray()) {
      int from = into.arrayOffset() + into.position();
      int count = await(into.array(), from, into.remaining());
      into.position(into.position() + Math.max(count, 0));
      return count;
    }
    if (!secure && in.available() > 0) {
      return atOnce(into);
    }
    int count = await(step, 0, Math.min(STEP, into.remaining()));
    into.put(step, 0, Math.max(count, 0));
    return count;
  }

  private int atOnce(ByteBuffer into) throws IOException {
    try {
      return channel.read(into);
    } catch (IOException e) {
      throw explained(e);
    }
  }

  /** Waits for bytes, for as long as the time limit says. */
  private int await(byte[] into, int offset, int length) throws IOException {
    try {
      return in.read(into, offset, length);
    } catch (IOException e) {
      throw explained(e);
    }
  }

  private IOException explained(IOException failure) {
    if (Thread.currentThread().isInterrupted()) {
      InterruptedIOException interrupted =
          new InterruptedIOException("interrupted while reading from the server");
      interrupted.initCause(failure);
      return interrupted;
    }
    if (failure instanceof SocketTimeoutException) {
      return late(timeoutMillis, failure);
    }
    return failure;
  }

  private static HttpTimeoutException late(long millis, IOException cause) {
    HttpTimeoutException late =
        new HttpTimeoutException("no byte arrived within " + millis + " ms");
    late.initCause(cause);
    return late;
  }

  private static int millis(Duration timeout) {
    return Math.toIntExact(Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE));
  }

  /** Without the farewell of TLS, which would wait for a server that does not read. */
  @Override
  public void close() throws IOException {
    onClose.accept(this);
    channel.close();
  }

  @Override
  public String toString() {
    return target + " by " + socket;
  }
}
