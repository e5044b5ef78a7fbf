package dev.longshore.service.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request on its connection; any thread may answer it, once. */
final class Exchange implements HttpExchange {

  private static final Logger log = LoggerFactory.getLogger(HttpServer.class);
  private static final VarHandle ANSWERED;

  static {
    try {
      ANSWERED = MethodHandles.lookup().findVarHandle(Exchange.class, "answered", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Connection connection;
  private final HttpRequest request;
  private final RequestBody body;
  private @Nullable QueryParameters query;

  @SuppressWarnings("UnusedVariable") // through ANSWERED
  private volatile boolean answered;

  private volatile int status;
  private volatile boolean forked;
  private volatile @Nullable StreamedResponse streamed;

  Exchange(Connection connection, HttpRequest request, RequestBody body) {
    this.connection = connection;
    this.request = request;
    this.body = body;
  }

  @Override
  public HttpMethod method() {
    return request.method();
  }

  @Override
  public String path() {
    String uri = request.uri();
    int mark = uri.indexOf('?');
    return mark < 0 ? uri : uri.substring(0, mark);
  }

  @Override
  public QueryParameters query() {
    QueryParameters known = query;
    if (known == null) {
      known = QueryParameters.of(request.uri());
      query = known;
    }
    return known;
  }

  @Override
  public HttpHeaders headers() {
    return request.headers();
  }

  @Override
  public InetSocketAddress remote() {
    return connection.remote();
  }

  @Override
  public RequestBody body() {
    return body;
  }

  HttpRequest request() {
    return request;
  }

  boolean isHead() {
    return request.method().equals(HttpMethod.HEAD);
  }

  @Override
  public void respond(HttpResponseStatus code, HttpHeaders headers, ByteBuf content) {
    if (!ANSWERED.compareAndSet(this, false, true)) {
      content.release();
      throw new IllegalStateException("this exchange was answered already, with " + status);
    }
    status = code.code();
    connection.responses().answer(this, code, headers, content, content.readableBytes());
  }

  @Override
  public void respondHead(HttpResponseStatus code, HttpHeaders headers, long contentLength) {
    if (!isHead()) {
      throw new IllegalStateException("respondHead answers HEAD, and this is " + method());
    }
    claim(code);
    connection.responses().answer(this, code, headers, Unpooled.EMPTY_BUFFER, contentLength);
  }

  @Override
  public ResponseBody start(HttpResponseStatus code, HttpHeaders headers, long contentLength) {
    claim(code);
    var response = new StreamedResponse(connection, this, contentLength);
    streamed = response;
    connection.responses().start(this, response, code, headers, contentLength);
    return response;
  }

  private void claim(HttpResponseStatus code) {
    if (!ANSWERED.compareAndSet(this, false, true)) {
      throw new IllegalStateException("this exchange was answered already, with " + status);
    }
    status = code.code();
  }

  boolean isAnswered() {
    return (boolean) ANSWERED.getVolatile(this);
  }

  @Override
  public void fork(BlockingHandler handler) {
    forked = true;
    var _ =
        Thread.ofVirtual()
            .name("http")
            .start(() -> {
              try {
                handler.run();
                if (!isAnswered()) {
                  throw new IllegalStateException("the handler returned without an answer");
                }
              } catch (Throwable e) {
                fail(e);
              } finally {
                discardBody();
              }
            });
  }

  /** The handler failed: answers if nothing was sent, else cuts the answer off. */
  void fail(Throwable failure) {
    if (!isAnswered()) {
      try {
        connection.errors().answer(this, failure);
      } catch (RuntimeException e) {
        failure.addSuppressed(e);
      }
    }
    if (!isAnswered()) {
      respond(
          HttpResponseStatus.INTERNAL_SERVER_ERROR,
          new DefaultHttpHeaders(),
          Unpooled.EMPTY_BUFFER);
    }
    StreamedResponse running = streamed;
    boolean cutOff = running != null && !running.isEnded();
    if (running != null && cutOff) {
      running.abort();
    }
    if (connection.isOpen() && (status >= 500 || cutOff)) {
      log.warn("{} {} failed ({})", method(), request.uri(), status, failure);
    } else {
      log.debug("{} {} failed ({})", method(), request.uri(), status, failure);
    }
  }

  private void discardBody() {
    if (body instanceof QueuedRequestBody queued) {
      queued.discard();
    }
  }

  /** Event loop: the connection closed under it. */
  void connectionClosed() {
    if (!forked) {
      discardBody(); // else its reader may still want what arrived, and discards it at its end
    }
    StreamedResponse running = streamed;
    if (running != null) {
      running.over();
    }
  }
}
