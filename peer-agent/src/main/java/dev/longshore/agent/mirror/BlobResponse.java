package dev.longshore.agent.mirror;

import dev.longshore.oci.Digest;
import dev.longshore.service.http.HttpExchange;
import dev.longshore.service.http.ResponseBody;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An answer whose body one thread sends; that thread is interrupted when the client goes away, so
 * that it does not wait for pieces nobody wants.
 */
final class BlobResponse {
  private static final Logger log = LoggerFactory.getLogger(BlobResponse.class);

  /** For a connection to close after it was told to. */
  private static final long CLOSING_SECONDS = 5;

  private final ResponseBody body;
  private @Nullable Thread sender; // guarded by this

  private BlobResponse(ResponseBody body, Thread sender) {
    this.body = body;
    this.sender = sender;
  }

  /** Starts the answer; the calling thread sends it. */
  static BlobResponse start(
      HttpExchange exchange, HttpResponseStatus status, HttpHeaders headers, long length) {
    ResponseBody body = exchange.start(status, headers, length);
    BlobResponse response = new BlobResponse(body, Thread.currentThread());
    var _ = body.closed().whenComplete((closed, failure) -> response.interruptSender());
    return response;
  }

  ResponseBody body() {
    return body;
  }

  /** Everything was sent. */
  void end() {
    sent();
    var _ = body.end();
  }

  /** The client is gone: waits until nothing reads the blob's file any more. */
  void abandon() {
    sent();
    body.abort();
    try {
      body.closed().get(CLOSING_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.debug("a connection did not close in {} s", CLOSING_SECONDS, e);
    }
  }

  /** The rest cannot be had: the client sees a body that is too short, and asks elsewhere. */
  void cut(Digest digest, IOException why) {
    log.warn("the answer with {} is cut off: {}", digest, why.getMessage(), why);
    abandon();
  }

  private synchronized void interruptSender() {
    if (sender != null) {
      sender.interrupt();
    }
  }

  /** From here on the thread does other things and must not be interrupted for this one. */
  private synchronized void sent() {
    sender = null;
    boolean late = Thread.interrupted();
    if (late) {
      log.trace("the client went away at the very end");
    }
  }
}
