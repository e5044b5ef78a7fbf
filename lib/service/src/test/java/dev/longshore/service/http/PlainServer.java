package dev.longshore.service.http;

import dev.longshore.service.net.Transport;
import dev.longshore.service.net.TransportChoice;
import dev.longshore.service.unit.HostAndPort;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Locale;

/** A server to point a load generator at: {@code PlainServer TRANSPORT LOOPS [FILE]}. */
final class PlainServer {

  private PlainServer() {}

  public static void main(String[] args) throws Exception {
    var choice = TransportChoice.valueOf(args[0].toUpperCase(Locale.ROOT));
    byte[] content = new byte[1_000];
    FileChannel file = args.length > 2 ? FileChannel.open(Path.of(args[2])) : null;
    var factory = DefaultHttpHeadersFactory.headersFactory().withValidation(false);
    try (var transport = Transport.choose(choice, "http", Integer.parseInt(args[1]));
        var server =
            HttpServer.bind(
                HttpServerConfig.of("listen", new HostAndPort("127.0.0.1", 0)),
                transport,
                e -> {
                  if (file != null && e.path().equals("/file")) {
                    var body = e.start(HttpResponseStatus.OK, factory.newHeaders(), file.size());
                    var _ = body.sendFile(file, 0, file.size()).thenCompose(v -> body.end());
                    return;
                  }
                  var headers = factory.newHeaders();
                  headers.set(HttpHeaderNames.CONTENT_TYPE, "application/json");
                  if (e.path().equals("/fork")) {
                    e.fork(() ->
                        e.respond(HttpResponseStatus.OK, headers, Unpooled.wrappedBuffer(content)));
                  } else {
                    e.respond(HttpResponseStatus.OK, headers, Unpooled.wrappedBuffer(content));
                  }
                },
                ErrorMapper.plainText())) {
      System.out.println(server.address());
      System.in.read();
    }
  }
}
