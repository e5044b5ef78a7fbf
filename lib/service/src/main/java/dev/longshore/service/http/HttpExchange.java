package dev.longshore.service.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.InetSocketAddress;

/**
 * One request and its answer. Exactly one of {@link #respond}, {@link #respondHead} and {@link
 * #start} ends it; all three may be called from any thread. A body that the handler did not read is
 * drained up to a bound, or the connection is closed.
 */
public interface HttpExchange {

  HttpMethod method();

  /** The path as it was sent, still percent-encoded, without the query. */
  String path();

  /** The decoded query parameters, in order of appearance. */
  QueryParameters query();

  HttpHeaders headers();

  /** The client's address. */
  InetSocketAddress remote();

  /** The request's body; empty when it has none. */
  RequestBody body();

  /**
   * Sends a whole answer. Content-Length is set; for a HEAD request the content is dropped and only
   * its length is sent.
   *
   * @param headers of the answer; the caller gives them up
   * @param content ownership passes to the exchange
   */
  void respond(HttpResponseStatus status, HttpHeaders headers, ByteBuf content);

  /** Answers a HEAD request for a body of this length that is not at hand. */
  void respondHead(HttpResponseStatus status, HttpHeaders headers, long contentLength);

  /**
   * Starts an answer whose body follows.
   *
   * @param contentLength exact bytes to follow, or -1 for chunked transfer
   */
  ResponseBody start(HttpResponseStatus status, HttpHeaders headers, long contentLength);

  /**
   * Runs the rest of the handler on a virtual thread, where it may block. What it throws is logged
   * and, if nothing was sent yet, answered as the server's error mapper says.
   */
  void fork(BlockingHandler handler);

  /** What {@link #fork} runs. */
  @FunctionalInterface
  interface BlockingHandler {
    void run() throws Exception;
  }
}
