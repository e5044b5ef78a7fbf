package dev.longshore.bench.torrent;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * An HTTP tracker for one torrent whose members are all on loopback: answers with everybody, as
 * compact peers (BEP 3, BEP 23).
 */
final class TorrentTracker implements AutoCloseable {
  private static final byte[] LOOPBACK = {127, 0, 0, 1};

  /** Members that came first are to hear of the others soon. */
  private static final int INTERVAL_SECONDS = 1;

  private final HttpServer server;
  private final Set<Integer> ports = new LinkedHashSet<>(); // guarded by itself

  TorrentTracker() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/announce", this::announce);
    server.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/announce");
  }

  private void announce(HttpExchange exchange) throws IOException {
    int asker = port(exchange.getRequestURI());
    List<Integer> others;
    synchronized (ports) {
      ports.add(asker);
      others = ports.stream().filter(port -> port != asker).toList();
    }
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    String head = "d8:intervali" + INTERVAL_SECONDS + "e5:peers" + 6 * others.size() + ":";
    answer.writeBytes(head.getBytes(ISO_8859_1));
    for (int port : others) {
      answer.writeBytes(LOOPBACK);
      answer.write(port >> 8);
      answer.write(port);
    }
    answer.write('e');
    exchange.sendResponseHeaders(200, answer.size());
    exchange.getResponseBody().write(answer.toByteArray());
    exchange.close();
  }

  private static int port(URI request) throws IOException {
    for (String parameter : request.getRawQuery().split("&", -1)) {
      if (parameter.startsWith("port=")) {
        return Integer.parseInt(parameter.substring("port=".length()));
      }
    }
    throw new IOException("an announce without port: " + request);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
