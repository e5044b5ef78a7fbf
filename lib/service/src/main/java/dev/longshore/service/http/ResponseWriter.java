package dev.longshore.service.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;

/** Writes a connection's answers and decides which of them is its last. */
final class ResponseWriter {

  private final Connection connection;
  private final ServerState server;
  private final FlushConsolidator output;

  private boolean lastBegun; // by the event loop only

  ResponseWriter(Connection connection, ServerState server, FlushConsolidator output) {
    this.connection = connection;
    this.server = server;
    this.output = output;
  }

  /** Event loop: whether no answer follows the latest. */
  boolean hasBegunLast() {
    return lastBegun;
  }

  /** Any thread: a whole answer; takes ownership of the content. */
  void answer(
      Exchange exchange,
      HttpResponseStatus status,
      HttpHeaders headers,
      ByteBuf content,
      long contentLength) {
    if (!connection.inEventLoop()) {
      if (!connection.execute(() -> answer(exchange, status, headers, content, contentLength))) {
        content.release();
      }
      return;
    }
    InFlightRequest request = connection.inFlight(exchange);
    if (request == null) {
      content.release(); // the client went away
      return;
    }
    ByteBuf sent = content;
    if (exchange.isHead()) {
      content.release();
      sent = Unpooled.EMPTY_BUFFER;
    }
    HttpHeaders head = head(request, status, headers, contentLength);
    int size = sent.readableBytes();
    output.writeVoid(whole(status, head, sent));
    connection.ended(exchange, size);
  }

  /** Any thread: the head of an answer whose body follows. */
  void start(
      Exchange exchange,
      StreamedResponse response,
      HttpResponseStatus status,
      HttpHeaders headers,
      long contentLength) {
    response.inOrder(() -> {
      InFlightRequest request = connection.inFlight(exchange);
      if (request == null) {
        response.over();
        return;
      }
      HttpHeaders head = head(request, status, headers, contentLength);
      output.writeVoid(new DefaultHttpResponse(HttpVersion.HTTP_1_1, status, head));
    });
  }

  private HttpHeaders head(
      InFlightRequest request, HttpResponseStatus status, HttpHeaders given, long contentLength) {
    Exchange exchange = request.exchange();
    lastBegun |=
        ResponseHead.isDelimitedByClose(exchange.request(), contentLength)
            || !HttpUtil.isKeepAlive(exchange.request())
            || !request.allowsAnother()
            || server.isStopping();
    server.statistics().answered(status.code());
    return ResponseHead.complete(given, exchange, status, contentLength, lastBegun);
  }

  /** Event loop: answers what is not even a request, or breaks the rules; the caller closes. */
  void refuse(HttpResponseStatus status, String reason) {
    ByteBuf text = Unpooled.copiedBuffer(reason + "\n", StandardCharsets.UTF_8);
    HttpHeaders head = ResponseHead.ofRefusal(text.readableBytes());
    lastBegun = true;
    server.statistics().answered(status.code());
    var _ = connection.context().write(whole(status, head, text));
  }

  /** Event loop: asks for the body of a request whose client waits to be asked. */
  void askForBody() {
    output.writeVoid(
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
  }

  private static FullHttpResponse whole(
      HttpResponseStatus status, HttpHeaders head, ByteBuf content) {
    return new DefaultFullHttpResponse(
        HttpVersion.HTTP_1_1, status, content, head, EmptyHttpHeaders.INSTANCE);
  }
}
