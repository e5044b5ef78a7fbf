package dev.longshore.agent;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.longshore.oci.Digest;
import dev.longshore.oci.MediaTypes;
import dev.longshore.piece.ClusterKey;
import dev.longshore.piece.PieceLayout;
import dev.longshore.piece.PieceMapBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A registry in memory, over real sockets, that can be private and can be told to misbehave. */
final class FakeRegistry implements AutoCloseable {

  /** One request: method, path, and the Authorization header that came with it. */
  record Seen(String method, String path, @Nullable String authorization) {}

  private static final class Stored {
    private final String mediaType;
    private final byte[] bytes;

    Stored(String mediaType, byte[] bytes) {
      this.mediaType = mediaType;
      this.bytes = bytes;
    }
  }

  private final HttpServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Stored> byPath = new ConcurrentHashMap<>();
  private final Map<String, String> required = new ConcurrentHashMap<>();
  private final AtomicLong blobBytes = new AtomicLong();
  final List<Seen> seen = new CopyOnWriteArrayList<>();

  /** While set, connections are closed without an answer. */
  volatile boolean down;

  /** While positive, an answer with a blob ends after so many bytes. */
  volatile int cutAfter;

  /** While set, every blob is sent with its first byte changed. */
  volatile boolean corrupt;

  /** Between each 64 KiB of a blob. */
  volatile int pauseMillis;

  FakeRegistry() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(executor);
    server.createContext("/", this::answer);
    server.start();
  }

  String name() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  URI uri() {
    return URI.create("http://" + name());
  }

  /** Bytes of blobs sent so far. */
  long blobBytes() {
    return blobBytes.get();
  }

  long count(String method, String part) {
    return seen.stream()
        .filter(request -> request.method.equals(method) && request.path.contains(part))
        .count();
  }

  /** From now on a repository wants this Authorization header. */
  void makePrivate(String repository, String authorization) {
    required.put(repository, authorization);
  }

  Digest putBlob(String repository, byte[] bytes) {
    Digest digest = Digest.sha256(bytes);
    byPath.put(
        "/v2/" + repository + "/blobs/" + digest, new Stored(MediaTypes.OCTET_STREAM, bytes));
    return digest;
  }

  /** The signed map of a blob, as an origin of the cluster has it. */
  void putPieces(String repository, byte[] bytes, ClusterKey key) {
    putPieces(repository, Digest.sha256(bytes), bytes, key);
  }

  /** The signed map of these bytes, where that of a blob should be. */
  void putPieces(String repository, Digest blob, byte[] bytes, ClusterKey key) {
    PieceMapBuilder builder = new PieceMapBuilder(PieceLayout.forSize(bytes.length));
    builder.update(ByteBuffer.wrap(bytes));
    putPieces(repository, blob, key.sign(builder.finish(Digest.sha256(bytes))).encode());
  }

  /** Anything at all where the map of a blob should be. */
  void putPieces(String repository, Digest blob, byte[] map) {
    byPath.put(
        "/v2/" + repository + "/_longshore/pieces/" + blob,
        new Stored(MediaTypes.OCTET_STREAM, map));
  }

  /** Anything at all where the statement on a layer's index should be. */
  void putStatement(String repository, Digest layer, byte[] statement) {
    byPath.put(
        "/v2/" + repository + "/_longshore/index/" + layer,
        new Stored(MediaTypes.OCTET_STREAM, statement));
  }

  /** An image of these layers, under a tag; returns the manifest's digest. */
  Digest putImage(String repository, String tag, byte[]... layers) {
    byte[] config = ("{\"image\":\"" + repository + "\"}").getBytes(StandardCharsets.UTF_8);
    StringBuilder json = new StringBuilder("{\"schemaVersion\":2,\"mediaType\":\"");
    json.append(MediaTypes.OCI_MANIFEST).append("\",\"config\":");
    json.append(descriptor(MediaTypes.OCI_CONFIG, putBlob(repository, config), config.length));
    json.append(",\"layers\":[");
    for (int i = 0; i < layers.length; i++) {
      json.append(i == 0 ? "" : ",");
      json.append(
          descriptor(MediaTypes.OCI_LAYER, putBlob(repository, layers[i]), layers[i].length));
    }
    byte[] manifest = json.append("]}").toString().getBytes(StandardCharsets.UTF_8);
    Digest digest = Digest.sha256(manifest);
    Stored stored = new Stored(MediaTypes.OCI_MANIFEST, manifest);
    byPath.put("/v2/" + repository + "/manifests/" + tag, stored);
    byPath.put("/v2/" + repository + "/manifests/" + digest, stored);
    return digest;
  }

  /** Any manifest at all, under a tag and its digest. */
  Digest putManifest(String repository, String tag, String manifest) {
    byte[] bytes = manifest.getBytes(StandardCharsets.UTF_8);
    Stored stored = new Stored(MediaTypes.OCI_MANIFEST, bytes);
    Digest digest = Digest.sha256(bytes);
    byPath.put("/v2/" + repository + "/manifests/" + tag, stored);
    byPath.put("/v2/" + repository + "/manifests/" + digest, stored);
    return digest;
  }

  void remove(String path) {
    byPath.remove(path);
  }

  private static String descriptor(String type, Digest digest, long size) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}".formatted(type, digest, size);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String method = exchange.getRequestMethod();
    @Nullable String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    seen.add(new Seen(method, path, authorization));
    try (exchange) {
      if (down) {
        return;
      }
      @Nullable String wanted =
          required.entrySet().stream()
              .filter(entry -> path.startsWith("/v2/" + entry.getKey() + "/"))
              .map(Map.Entry::getValue)
              .findFirst()
              .orElse(null);
      if (wanted != null && !wanted.equals(authorization)) {
        refuse(exchange);
        return;
      }
      @Nullable Stored stored = byPath.get(path);
      if (path.equals("/v2/")) {
        send(exchange, 200, new Stored("application/json", "{}".getBytes(StandardCharsets.UTF_8)));
      } else if (stored == null) {
        byte[] body =
            "{\"errors\":[{\"code\":\"NAME_UNKNOWN\",\"message\":\"no\"}]}"
                .getBytes(StandardCharsets.UTF_8);
        send(exchange, 404, new Stored("application/json", body));
      } else if (path.contains("/blobs/")) {
        sendBlob(exchange, stored.bytes);
      } else {
        exchange
            .getResponseHeaders()
            .set("Docker-Content-Digest", Digest.sha256(stored.bytes).toString());
        send(exchange, 200, stored);
      }
    }
  }

  static final String CHALLENGE = "Basic realm=\"the fake registry, verbatim\"";

  private static void refuse(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("WWW-Authenticate", CHALLENGE);
    byte[] body =
        "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"log in\"}]}"
            .getBytes(StandardCharsets.UTF_8);
    send(exchange, 401, new Stored("application/json", body));
  }

  private static void send(HttpExchange exchange, int status, Stored stored) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", stored.mediaType);
    if (exchange.getRequestMethod().equals("HEAD")) {
      headers.set("Content-Length", String.valueOf(stored.bytes.length));
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    exchange.sendResponseHeaders(status, stored.bytes.length);
    exchange.getResponseBody().write(stored.bytes);
  }

  private void sendBlob(HttpExchange exchange, byte[] blob) throws IOException {
    if (exchange.getRequestMethod().equals("HEAD")) {
      send(exchange, 200, new Stored(MediaTypes.OCTET_STREAM, blob));
      return;
    }
    int from = 0;
    int to = blob.length;
    @Nullable String range = exchange.getRequestHeaders().getFirst("Range");
    if (range != null) {
      String[] ends = range.substring("bytes=".length()).split("-", -1);
      from = Integer.parseInt(ends[0]);
      to = ends[1].isEmpty() ? blob.length : Integer.parseInt(ends[1]) + 1;
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + blob.length);
    }
    byte[] sent = blob;
    if (corrupt) {
      sent = blob.clone();
      sent[0] ^= 1;
    }
    exchange.sendResponseHeaders(range == null ? 200 : 206, (long) to - from);
    int stop = cutAfter > 0 ? Math.min(to, from + cutAfter) : to;
    OutputStream out = exchange.getResponseBody();
    for (int at = from; at < stop; at += 64 << 10) {
      int n = Math.min(64 << 10, stop - at);
      out.write(sent, at, n);
      blobBytes.addAndGet(n);
      if (pauseMillis > 0) {
        out.flush();
        pause();
      }
    }
    if (stop < to) {
      out.flush(); // closing the exchange now breaks the connection off
    }
  }

  /** A slow link, not a wait for something to happen. */
  private void pause() {
    java.util.concurrent.locks.LockSupport.parkNanos(pauseMillis * 1_000_000L);
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }
}
