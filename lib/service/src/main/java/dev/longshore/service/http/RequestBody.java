package dev.longshore.service.http;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A request's body, read by one blocking reader (inside {@link HttpExchange#fork}). Little of it is
 * buffered: the client is held back when the reader is slow. {@code Expect: 100-continue} is
 * answered at the first read.
 */
public interface RequestBody {

  /** The announced length, or -1 when it is chunked. */
  long contentLength();

  /**
   * The next bytes, or null at the end. The caller releases what it gets.
   *
   * @throws IOException if the client went away before the end, or sent less than it announced
   */
  @Nullable ByteBuf read() throws IOException, InterruptedException;

  /**
   * The whole body, if it is at most {@code limit} bytes.
   *
   * @throws BodyTooLargeException if it is longer; nothing beyond the limit is kept
   */
  byte[] readAll(int limit) throws IOException, InterruptedException;
}
