package dev.longshore.service.http;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/**
 * A request from its headers until both its answer and its body have ended. Belongs to the event
 * loop.
 */
final class InFlightRequest {

  private final Exchange exchange;
  private final @Nullable QueuedRequestBody body;
  private final long maxDrainBytes;

  private long bodyLeft; // -1: only its end will tell
  private long drained;
  private boolean continueOwed;
  private boolean behind;
  private boolean answered;
  private boolean ended;
  private boolean broken;

  InFlightRequest(Connection connection, HttpRequest request, long maxDrainBytes) {
    this.maxDrainBytes = maxDrainBytes;
    boolean chunked = HttpUtil.isTransferEncodingChunked(request);
    bodyLeft = chunked ? -1 : HttpUtil.getContentLength(request, 0L);
    continueOwed = bodyLeft != 0 && request.headers().contains(HttpHeaderNames.EXPECT);
    body = bodyLeft == 0 ? null : new QueuedRequestBody(connection, bodyLeft);
    exchange = new Exchange(connection, request, body == null ? EmptyRequestBody.INSTANCE : body);
  }

  Exchange exchange() {
    return exchange;
  }

  /** Takes the next of its body, and ownership of it. */
  void take(HttpContent content) {
    boolean last = content instanceof LastHttpContent;
    if (content.decoderResult().isFailure()) {
      content.release();
      ended = true;
      breakOff("the body is malformed: " + content.decoderResult().cause().getMessage());
      return;
    }
    int length = content.content().readableBytes();
    if (body == null || answered) {
      content.release();
      drained += length;
    } else {
      bodyLeft = bodyLeft < 0 ? -1 : bodyLeft - length;
      behind |= body.offer(content.content()) && !last;
    }
    if (last) {
      ended = true;
      if (body != null) {
        body.end();
      }
    }
  }

  /** No more of the body will come that could be used. */
  void breakOff(String reason) {
    broken = true;
    if (body != null) {
      body.fail(reason);
    }
  }

  /** The answer is whole: nobody wants the rest of the body. */
  void answered() {
    answered = true;
    if (body != null) {
      body.discard();
      behind = false;
    }
  }

  boolean isAnswered() {
    return answered;
  }

  boolean isOver() {
    return answered && ended;
  }

  /** Whether the client has sent, or may still send, what belongs to this request. */
  boolean leavesInput() {
    return !ended || broken;
  }

  /** Whether another request can follow, because little enough of this one is left to skip. */
  boolean allowsAnother() {
    boolean skippable = !continueOwed && bodyLeft <= maxDrainBytes && drained <= maxDrainBytes;
    return !broken && (ended || skippable);
  }

  /** Whether the body's reader is so far behind that the socket should not be read. */
  boolean isBehind() {
    return behind;
  }

  /** The reader of this body has caught up. Returns whether it had been behind. */
  boolean caughtUp(QueuedRequestBody reader) {
    boolean resumed = reader == body && behind;
    behind &= !resumed;
    return resumed;
  }

  /** Whether the client should be sending body bytes that nothing here holds back. */
  boolean awaitsBody() {
    return !ended && !behind && !continueOwed && !answered;
  }

  /** Whether the client waits to be asked for the body, which is to be done now. */
  boolean takeContinue() {
    if (!continueOwed || answered) {
      return false;
    }
    continueOwed = false;
    return !ended;
  }
}
