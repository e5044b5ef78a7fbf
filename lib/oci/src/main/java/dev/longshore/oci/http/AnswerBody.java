package dev.longshore.oci.http;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The body of one answer on its connection, delimited as RFC 9112 section 6.3 says. */
final class AnswerBody extends BodyStream {
  /** Ends with the connection: no length was told. */
  private static final long UNTIL_CLOSE = Long.MAX_VALUE;

  private static final int MAX_CHUNK_LINE = 4 << 10;
  private static final int MAX_TRAILERS = 64;

  private final boolean chunked;
  private final boolean reusable;
  private final IdleConnections idle;

  /** Null once it was given back or closed. */
  private @Nullable Connection connection;

  /** Of the body, or of the chunk under way. */
  private long left;

  private boolean firstChunk = true;
  private boolean ended;

  private AnswerBody(
      Connection connection, IdleConnections idle, boolean reusable, boolean chunked, long left) {
    this.connection = connection;
    this.idle = idle;
    this.reusable = reusable;
    this.chunked = chunked;
    this.left = left;
  }

  /**
   * The body that follows this head; a connection without one left on it is given back at once.
   *
   * @throws IOException if the head does not say where the body ends
   */
  static AnswerBody after(AnswerHead head, Connection connection, IdleConnections idle)
      throws IOException {
    long length = head.hasNoBody() ? 0 : head.contentLength();
    boolean chunked = !head.hasNoBody() && head.isChunked();
    boolean reusable = head.keepsConnection() && (chunked || length >= 0);
    AnswerBody body =
        new AnswerBody(
            connection, idle, reusable, chunked, chunked ? 0 : length >= 0 ? length : UNTIL_CLOSE);
    if (!chunked && length == 0) {
      body.end();
    }
    return body;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (!isOpen()) {
      throw new IOException("the body was closed");
    }
    if (!target.hasRemaining()) {
      return 0;
    }
    Connection from = connection;
    if (ended || from == null) {
      return -1;
    }
    if (chunked && left == 0 && !nextChunk(from)) {
      end();
      return -1;
    }
    int limit = target.limit();
    if (target.remaining() > left) {
      target.limit(target.position() + Math.toIntExact(left));
    }
    int count;
    try {
      count = from.read(target);
    } finally {
      target.limit(limit);
    }
    if (count < 0) {
      if (left == UNTIL_CLOSE) {
        end();
        return -1;
      }
      throw new EOFException("the connection was closed, " + left + " bytes before the end");
    }
    if (left != UNTIL_CLOSE) {
      left -= count;
      if (left == 0 && !chunked) {
        end(); // at once, so that a reader that knows the length leaves a usable connection
      }
    }
    return count;
  }

  /** Reads up to the first byte of the next chunk; false after the last one. */
  private boolean nextChunk(Connection from) throws IOException {
    long deadline = from.deadline();
    if (!firstChunk && !from.readLine(2, deadline).isEmpty()) {
      throw new IOException("a chunk does not end where it should");
    }
    firstChunk = false;
    String line = from.readLine(MAX_CHUNK_LINE, deadline);
    int semicolon = line.indexOf(';');
    String size = (semicolon < 0 ? line : line.substring(0, semicolon)).strip();
    if (!size.matches("[0-9A-Fa-f]{1,15}")) {
      throw new IOException("expected the size of a chunk, found '" + shortened(size) + "'");
    }
    left = Long.parseLong(size, 16);
    if (left > 0) {
      return true;
    }
    for (int trailers = 0; !from.readLine(MAX_CHUNK_LINE, deadline).isEmpty(); trailers++) {
      if (trailers == MAX_TRAILERS) {
        throw new IOException("more than " + MAX_TRAILERS + " trailers");
      }
    }
    return false;
  }

  private static String shortened(String text) {
    return text.length() > 40 ? text.substring(0, 40) : text;
  }

  private void end() throws IOException {
    ended = true;
    Connection done = connection;
    connection = null;
    if (done != null) {
      if (reusable) {
        idle.put(done);
      } else {
        done.close();
      }
    }
  }

  @Override
  protected void release() throws IOException {
    Connection unread = connection;
    connection = null;
    if (unread != null) {
      unread.close();
    }
  }
}
