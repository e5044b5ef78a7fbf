package dev.longshore.service.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.FileRegion;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One client's connection: takes requests one after another, whatever the client pipelines. */
final class Connection extends ChannelInboundHandlerAdapter {
  /*
   * All state belongs to the channel's event loop; what other threads may call hands over to it.
   *
   * A request is current from its headers until both its answer and its body have ended. What is
   * decoded in the meantime for later requests waits in `pipelined`, and the socket is not read
   * while anything waits there, while a body's reader is behind, or while the client does not take
   * its answers: each of the three bounds memory.
   */

  private static final Logger log = LoggerFactory.getLogger(HttpServer.class);
  private static final int MAX_PIPELINED_MESSAGES = 1_000;
  private static final long MAX_LINGER_BYTES = 64 << 20;

  private final ServerState server;
  private final ConnectionClock clock;
  private final ArrayDeque<Object> pipelined = new ArrayDeque<>(0);

  private @Nullable ChannelHandlerContext context;
  private @Nullable Exchange current;
  private @Nullable QueuedRequestBody body;
  private boolean requestEnded = true;
  private boolean answerEnded;
  private boolean bodyBehind;
  private boolean continueOwed;
  private boolean inputBroken;
  private boolean closeAfterAnswer;
  private boolean lingering;
  private long bodyLeft;
  private long drained;
  private long lingered;

  private boolean inRead;
  private boolean flushDue;
  private boolean flushQueued;
  private boolean advancing;

  Connection(ServerState server) {
    this.server = server;
    this.clock = new ConnectionClock(server.config(), this);
  }

  private ChannelHandlerContext context() {
    if (context == null) {
      throw new IllegalStateException("the connection is not open yet");
    }
    return context;
  }

  // Opening, reading, closing.

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public void channelActive(ChannelHandlerContext active) {
    clock.start(active.executor());
    if (server.isStopping()) {
      closeNow();
    }
  }

  /** Bytes arrived. Returns whether they are of interest; else they are thrown away. */
  boolean takes(int bytes) {
    clock.bytesArrived();
    if (!lingering) {
      return true;
    }
    lingered += bytes;
    if (lingered > MAX_LINGER_BYTES) {
      closeNow();
    }
    return false;
  }

  @Override
  public void channelRead(ChannelHandlerContext reading, Object message) {
    inRead = true;
    if (lingering) {
      ReferenceCountUtil.release(message);
    } else if (!pipelined.isEmpty() || (message instanceof HttpRequest && !isReady())) {
      pipelined.add(message);
      updateReading();
      if (pipelined.size() > MAX_PIPELINED_MESSAGES) {
        log.debug("{} pipelined too much, closing", remote());
        closeNow();
      }
    } else {
      accept(message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext reading) {
    inRead = false;
    if (flushDue) {
      flushDue = false;
      reading.flush();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext changed) {
    advance();
  }

  @Override
  public void channelInactive(ChannelHandlerContext inactive) {
    clock.stop();
    releasePipelined();
    failBody("the client closed the connection before the end of the body");
    Exchange running = current;
    current = null;
    if (running != null) {
      running.connectionClosed();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext failing, Throwable cause) {
    if (cause instanceof IOException) {
      log.debug("{}: {}", remote(), cause.toString());
    } else {
      log.debug("{} closed because of", remote(), cause);
    }
    closeNow();
  }

  private boolean isReady() {
    return current == null && !closeAfterAnswer && context().channel().isWritable();
  }

  /** Takes up what was pipelined, as far as that is possible now. */
  private void advance() {
    if (advancing) {
      return; // the loop below is further up this stack
    }
    advancing = true;
    while (!pipelined.isEmpty()
        && !lingering
        && (isReady() || !(pipelined.peek() instanceof HttpRequest))) {
      accept(pipelined.poll());
    }
    advancing = false;
    updateReading();
  }

  private void updateReading() {
    boolean read =
        lingering
            || (pipelined.isEmpty()
                && !bodyBehind
                && (current != null || context().channel().isWritable()));
    context().channel().config().setAutoRead(read);
  }

  private void releasePipelined() {
    pipelined.forEach(ReferenceCountUtil::release);
    pipelined.clear();
  }

  // Requests.

  private void accept(Object message) {
    if (message instanceof HttpRequest request) {
      begin(request);
    } else if (message instanceof HttpContent content) {
      content(content);
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  private void begin(HttpRequest request) {
    requestEnded = false;
    answerEnded = false;
    drained = 0;
    clock.requestBegan();
    RequestCheck.Refusal refusal = RequestCheck.check(request);
    if (refusal != null) {
      refuse(refusal.status(), refusal.reason());
      return;
    }
    HttpHeaders headers = request.headers();
    boolean chunked = HttpUtil.isTransferEncodingChunked(request);
    bodyLeft = chunked ? -1 : HttpUtil.getContentLength(request, 0L);
    continueOwed = bodyLeft != 0 && headers.contains(HttpHeaderNames.EXPECT);
    body = bodyLeft == 0 ? null : new QueuedRequestBody(this, bodyLeft);
    var exchange = new Exchange(this, request, body == null ? EmptyRequestBody.INSTANCE : body);
    current = exchange;
    try {
      server.handler().handle(exchange);
    } catch (Exception e) {
      exchange.fail(e);
    }
  }

  private void content(HttpContent content) {
    boolean last = content instanceof LastHttpContent;
    if (content.decoderResult().isFailure()) {
      content.release();
      inputBroken = true;
      requestEnded = true;
      failBody("the body is malformed: " + content.decoderResult().cause().getMessage());
      finishIfOver();
      return;
    }
    int length = content.content().readableBytes();
    QueuedRequestBody reading = body;
    if (reading == null || answerEnded) {
      content.release();
      drained += length;
    } else {
      bodyLeft = bodyLeft < 0 ? -1 : bodyLeft - length;
      if (reading.offer(content.content()) && !last) {
        bodyBehind = true;
        updateReading();
      }
    }
    if (last) {
      requestEnded = true;
      if (reading != null) {
        reading.end();
      }
      finishIfOver();
    } else if (answerEnded && drained > server.config().maxDrainBytes()) {
      closeAfterAnswer = true;
      finishIfOver();
    }
  }

  private void failBody(String reason) {
    QueuedRequestBody reading = body;
    if (reading != null) {
      reading.fail(reason);
    }
  }

  private void finishIfOver() {
    if (!answerEnded) {
      return;
    }
    if (closeAfterAnswer || inputBroken) {
      current = null;
      linger();
    } else if (requestEnded) {
      current = null;
      body = null;
      bodyBehind = false;
      clock.requestEnded();
      if (server.isStopping() && pipelined.isEmpty()) {
        closeAfterAnswer = true;
        linger();
      } else {
        advance();
      }
    }
  }

  // Answers: called by the exchange, on any thread.

  void answer(
      Exchange exchange,
      HttpResponseStatus status,
      HttpHeaders headers,
      ByteBuf content,
      long contentLength) {
    if (!inEventLoop()) {
      if (!execute(() -> answer(exchange, status, headers, content, contentLength))) {
        content.release();
      }
      return;
    }
    if (exchange != current) {
      content.release(); // the client went away
      return;
    }
    ByteBuf sent = content;
    if (exchange.isHead()) {
      content.release();
      sent = Unpooled.EMPTY_BUFFER;
    }
    HttpHeaders head = head(exchange, status, headers, contentLength);
    var response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, status, sent, head, EmptyHttpHeaders.INSTANCE);
    int size = sent.readableBytes();
    writeVoid(response);
    ended(exchange, size);
  }

  void start(
      Exchange exchange,
      StreamedResponse response,
      HttpResponseStatus status,
      HttpHeaders headers,
      long contentLength) {
    response.inOrder(() -> {
      if (exchange != current) {
        response.over();
        return;
      }
      HttpHeaders head = head(exchange, status, headers, contentLength);
      writeVoid(new DefaultHttpResponse(HttpVersion.HTTP_1_1, status, head));
    });
  }

  private HttpHeaders head(
      Exchange exchange, HttpResponseStatus status, HttpHeaders given, long contentLength) {
    HttpHeaders head = given instanceof EmptyHttpHeaders ? new DefaultHttpHeaders() : given;
    boolean http10 = exchange.request().protocolVersion().minorVersion() == 0;
    if (contentLength < 0) {
      if (http10) {
        closeAfterAnswer = true; // the end of the connection is the end of the body
      } else if (!exchange.isHead()) {
        head.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
      }
    } else if (status.code() >= 200 && status.code() != 204 && status.code() != 304) {
      head.set(HttpHeaderNames.CONTENT_LENGTH, Long.toString(contentLength));
    }
    head.set(HttpHeaderNames.DATE, HttpDate.now());
    if (!HttpUtil.isKeepAlive(exchange.request())
        || inputBroken
        || server.isStopping()
        || (!requestEnded && (continueOwed || bodyLeft > server.config().maxDrainBytes()))) {
      closeAfterAnswer = true;
    }
    if (closeAfterAnswer) {
      head.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    } else if (http10) {
      head.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
    }
    server.statistics().answered(status.code());
    return head;
  }

  /** Event loop: the answer is whole. */
  void ended(Exchange exchange, long bytes) {
    server.statistics().sent(bytes);
    if (exchange != current) {
      return;
    }
    answerEnded = true;
    QueuedRequestBody unread = body;
    if (unread != null) {
      unread.discard();
      bodyBehind = false;
      updateReading();
    }
    finishIfOver();
  }

  /** Answers what is not even a request, or breaks the rules, and closes. */
  void refuse(HttpResponseStatus status, String reason) {
    HttpHeaders head =
        new DefaultHttpHeaders()
            .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.TEXT_PLAIN)
            .set(HttpHeaderNames.DATE, HttpDate.now())
            .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    ByteBuf text = Unpooled.copiedBuffer(reason + "\n", StandardCharsets.UTF_8);
    head.set(HttpHeaderNames.CONTENT_LENGTH, text.readableBytes());
    server.statistics().answered(status.code());
    var unused =
        context()
            .write(
                new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, status, text, head, EmptyHttpHeaders.INSTANCE));
    closeAfterAnswer = true;
    linger();
  }

  /**
   * Closes so that the client sees the last answer: closing with unread input would reset the
   * connection, and the reset can overtake the answer (RFC 9112 section 9.6).
   */
  private void linger() {
    if (lingering) {
      return;
    }
    lingering = true;
    releasePipelined();
    clock.lingerBegan();
    boolean inputLeft = !requestEnded || inputBroken;
    ChannelFuture flushed = context().writeAndFlush(Unpooled.EMPTY_BUFFER);
    var unused =
        flushed.addListener(f -> {
          if (!inputLeft || !f.isSuccess()) {
            closeNow();
          } else {
            server.shutdownOutput(context().channel());
          }
        });
    updateReading();
  }

  // For the body, its writer and its reader.

  /** Reader's thread: asks for the body if the client waits to be asked. */
  void continueIfExpected() {
    if (inEventLoop()) {
      throw new IllegalStateException("a body cannot be read on an event loop; use fork");
    }
    execute(() -> {
      if (continueOwed && current != null && !answerEnded) {
        continueOwed = false;
        if (!requestEnded) {
          writeVoid(
              new DefaultFullHttpResponse(
                  HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
          clock.bytesArrived();
        }
      }
    });
  }

  /** Reader's thread: the reader has caught up. */
  void resumeBody(QueuedRequestBody resumed) {
    execute(() -> {
      if (resumed == body && bodyBehind) {
        bodyBehind = false;
        clock.bytesArrived();
        updateReading();
      }
    });
  }

  /** For what needs no promise of its own: a failed write closes the connection. */
  private void writeVoid(Object message) {
    var unused = context().write(message, context().voidPromise());
    flushSoon();
  }

  ChannelFuture write(Object message) {
    ChannelFuture sent = context().write(message);
    flushSoon();
    return sent;
  }

  /** Flushes once for all that this turn of the event loop writes. */
  private void flushSoon() {
    if (inRead) {
      flushDue = true;
    } else if (!flushQueued) {
      flushQueued = true;
      execute(() -> {
        flushQueued = false;
        context().flush();
      });
    }
  }

  // For the clock.

  void idle() {
    closeNow();
  }

  void headersLate() {
    refuse(HttpResponseStatus.REQUEST_TIMEOUT, "the request's headers took too long");
  }

  void bodyLate() {
    inputBroken = true;
    failBody("the client sent nothing for " + server.config().idleTimeout());
  }

  /** Whether the client should be sending body bytes that nothing here holds back. */
  boolean awaitsBody() {
    return current != null && !requestEnded && !bodyBehind && !continueOwed && !answerEnded;
  }

  // Small things.

  void stopWhenIdle() {
    if (current == null && pipelined.isEmpty()) {
      closeNow();
    }
  }

  void closeNow() {
    var unused = context().close();
  }

  boolean execute(Runnable work) {
    try {
      context().executor().execute(work);
      return true;
    } catch (RejectedExecutionException e) {
      log.debug("the event loop of {} has stopped", remote(), e);
      return false;
    }
  }

  boolean inEventLoop() {
    return context().executor().inEventLoop();
  }

  boolean isOpen() {
    return context().channel().isActive();
  }

  boolean isSecure() {
    return server.config().tls() != null;
  }

  ByteBuf allocate(int size) {
    return context().alloc().directBuffer(size, size);
  }

  FileRegion fileRegion(FileChannel file, long offset, long length) {
    return server.transport().fileRegion(file, offset, length);
  }

  ErrorMapper errors() {
    return server.errors();
  }

  InetSocketAddress remote() {
    return (InetSocketAddress) context().channel().remoteAddress();
  }

  Channel channel() {
    return context().channel();
  }
}
