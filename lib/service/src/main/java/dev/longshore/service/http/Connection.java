package dev.longshore.service.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.FileRegion;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
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

  private final ServerState server;
  private final ConnectionClock clock;
  private final FlushConsolidator output = new FlushConsolidator(this);
  private final ResponseWriter responses;
  private final LingeringClose lingering;
  private final ArrayDeque<Object> pipelined = new ArrayDeque<>(0);

  private @Nullable ChannelHandlerContext context;
  private @Nullable InFlightRequest current;
  private boolean advancing;

  Connection(ServerState server) {
    this.server = server;
    this.clock = new ConnectionClock(server.config(), this);
    this.responses = new ResponseWriter(this, server, output);
    this.lingering = new LingeringClose(this, server);
  }

  ChannelHandlerContext context() {
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
    if (lingering.hasBegun()) {
      lingering.arrived(bytes);
      return false;
    }
    return true;
  }

  @Override
  public void channelRead(ChannelHandlerContext reading, Object message) {
    output.readBegan();
    if (lingering.hasBegun()) {
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
    output.readCompleted();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext changed) {
    advance();
  }

  @Override
  public void channelInactive(ChannelHandlerContext inactive) {
    clock.stop();
    releasePipelined();
    InFlightRequest cutOff = current;
    current = null;
    if (cutOff != null) {
      cutOff.breakOff("the client closed the connection before the end of the body");
      cutOff.exchange().connectionClosed();
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
    return current == null && context().channel().isWritable();
  }

  /** Takes up what was pipelined, as far as that is possible now. */
  private void advance() {
    if (advancing) {
      return; // the loop below is further up this stack
    }
    advancing = true;
    while (!pipelined.isEmpty()
        && !lingering.hasBegun()
        && (isReady() || !(pipelined.peek() instanceof HttpRequest))) {
      accept(pipelined.poll());
    }
    advancing = false;
    updateReading();
  }

  private void updateReading() {
    InFlightRequest request = current;
    boolean wanted = request == null ? context().channel().isWritable() : !request.isBehind();
    boolean read = lingering.hasBegun() || (pipelined.isEmpty() && wanted);
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
    clock.requestBegan();
    RequestCheck.Refusal refusal = RequestCheck.check(request);
    if (refusal != null) {
      refuse(refusal.status(), refusal.reason(), true);
      return;
    }
    var begun = new InFlightRequest(this, request, server.config().maxDrainBytes());
    current = begun;
    try {
      server.handler().handle(begun.exchange());
    } catch (Exception e) {
      begun.exchange().fail(e);
    }
  }

  private void content(HttpContent content) {
    InFlightRequest request = current;
    if (request == null) {
      content.release();
      return;
    }
    request.take(content);
    if (request.isBehind()) {
      updateReading();
    }
    finishIfOver(request);
  }

  private void finishIfOver(InFlightRequest request) {
    if (!request.isAnswered()) {
      return;
    }
    if (responses.hasBegunLast() || !request.allowsAnother()) {
      current = null;
      linger(request.leavesInput());
    } else if (request.isOver()) {
      current = null;
      clock.requestEnded();
      if (server.isStopping() && pipelined.isEmpty()) {
        linger(false);
      } else {
        advance();
      }
    }
  }

  /** Event loop: this exchange's request, or null if it is over. */
  @Nullable InFlightRequest inFlight(Exchange exchange) {
    InFlightRequest request = current;
    return request != null && request.exchange() == exchange ? request : null;
  }

  /** Event loop: the answer is whole. */
  void ended(Exchange exchange, long bytes) {
    server.statistics().sent(bytes);
    InFlightRequest request = inFlight(exchange);
    if (request != null) {
      request.answered();
      updateReading();
      finishIfOver(request);
    }
  }

  private void refuse(HttpResponseStatus status, String reason, boolean inputLeft) {
    responses.refuse(status, reason);
    linger(inputLeft);
  }

  private void linger(boolean inputLeft) {
    if (lingering.hasBegun()) {
      return;
    }
    releasePipelined();
    clock.lingerBegan();
    lingering.begin(inputLeft);
    updateReading();
  }

  // For the exchange, the body, its writer and its reader.

  ResponseWriter responses() {
    return responses;
  }

  /** Reader's thread: asks for the body if the client waits to be asked. */
  void continueIfExpected() {
    if (inEventLoop()) {
      throw new IllegalStateException("a body cannot be read on an event loop; use fork");
    }
    execute(() -> {
      InFlightRequest request = current;
      if (request != null && request.takeContinue()) {
        responses.askForBody();
        clock.bytesArrived();
      }
    });
  }

  /** Reader's thread: the reader has caught up. */
  void resumeBody(QueuedRequestBody resumed) {
    execute(() -> {
      InFlightRequest request = current;
      if (request != null && request.caughtUp(resumed)) {
        clock.bytesArrived();
        updateReading();
      }
    });
  }

  ChannelFuture write(Object message) {
    return output.write(message);
  }

  // For the clock.

  void idle() {
    closeNow();
  }

  void headersLate() {
    refuse(HttpResponseStatus.REQUEST_TIMEOUT, "the request's headers took too long", false);
  }

  void bodyLate() {
    InFlightRequest request = current;
    if (request != null) {
      request.breakOff("the client sent nothing for " + server.config().idleTimeout());
    }
  }

  /** Whether the client should be sending body bytes that nothing here holds back. */
  boolean awaitsBody() {
    InFlightRequest request = current;
    return request != null && request.awaitsBody();
  }

  // Small things.

  void stopWhenIdle() {
    if (current == null && pipelined.isEmpty()) {
      closeNow();
    }
  }

  void closeNow() {
    var _ = context().close();
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
