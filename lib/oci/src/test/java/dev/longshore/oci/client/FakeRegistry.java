package dev.longshore.oci.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.longshore.oci.Digest;
import dev.longshore.oci.OciError;
import dev.longshore.oci.OciErrorBody;
import dev.longshore.oci.RepositoryName;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** A small registry in memory, over real sockets, that can be told to misbehave. */
public final class FakeRegistry implements AutoCloseable {
  /** One request as it arrived. */
  public record Seen(String method, String path, String query, Map<String, List<String>> headers) {
    public Optional<String> header(String name) {
      return headers.entrySet().stream()
          .filter(entry -> entry.getKey().equalsIgnoreCase(name))
          .map(entry -> entry.getValue().getFirst())
          .findFirst();
    }

    @Override
    public String toString() {
      return method + " " + path;
    }
  }

  /** Answers a request in the registry's place; true when it did. */
  @FunctionalInterface
  public interface Fault {
    boolean handle(HttpExchange exchange) throws IOException;
  }

  /** A stored manifest. */
  public static final class Stored {
    private final String mediaType;
    private final byte[] bytes;

    public Stored(String mediaType, byte[] bytes) {
      this.mediaType = mediaType;
      this.bytes = bytes;
    }

    public String mediaType() {
      return mediaType;
    }

    public byte[] bytes() {
      return bytes;
    }
  }

  private final HttpServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger uploads = new AtomicInteger();
  private final Map<String, ByteArrayOutputStream> sessions = new ConcurrentHashMap<>();
  private final ConcurrentLinkedDeque<Fault> faults = new ConcurrentLinkedDeque<>();

  public final List<Seen> seen = new CopyOnWriteArrayList<>();
  public final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
  public final Map<String, Stored> manifests = new ConcurrentHashMap<>();

  /** Digest under which a whole extension answer stands. */
  public final Map<String, byte[]> extensions = new ConcurrentHashMap<>();

  /** The header that requests need, when set; else anybody may do anything. */
  public volatile String requiredAuthorization = "";

  public volatile String challenge = "";
  public volatile String tokenAnswer = "{\"token\":\"t0k3n\",\"expires_in\":300}";
  public volatile boolean referrersApi = true;
  public volatile boolean mounts = true;
  public volatile int pageSize = 1_000;

  public FakeRegistry() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(executor);
    server.createContext("/", this::handle);
    server.start();
  }

  public URI uri() {
    return URI.create("http://" + host());
  }

  public String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** The next request that this fault takes is answered by it, once. */
  public void inject(Fault fault) {
    faults.add(fault);
  }

  /** One answer with this status to a request of this method whose path contains the text. */
  public void failOnce(String method, String part, int status, String... headers) {
    inject(exchange -> {
      if (!matches(exchange, method, part)) {
        return false;
      }
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
      }
      exchange.getRequestBody().readAllBytes();
      reply(exchange, status, "oops".getBytes(UTF_8));
      return true;
    });
  }

  public static boolean matches(HttpExchange exchange, String method, String part) {
    return exchange.getRequestMethod().equals(method)
        && exchange.getRequestURI().getPath().contains(part);
  }

  /** Announces everything, sends the first bytes, and hangs up. */
  public void cutBlobOnce(int after) {
    cutBlobOnce(after, new CountDownLatch(0));
  }

  /**
   * The same, hanging up once the client has the answer's head: one that finds the end of the
   * connection together with the head takes it for no answer at all, and asks again by itself.
   */
  public void cutBlobOnce(int after, CountDownLatch headTaken) {
    inject(exchange -> {
      if (!matches(exchange, "GET", "/blobs/sha256")) {
        return false;
      }
      byte[] blob = Objects.requireNonNull(blobs.get(exchange.getRequestURI().getPath()));
      int from = rangeStart(exchange);
      if (from >= 0) {
        exchange
            .getResponseHeaders()
            .set("Content-Range", "bytes " + from + "-" + (blob.length - 1) + "/" + blob.length);
      }
      int start = Math.max(from, 0);
      exchange.sendResponseHeaders(from >= 0 ? 206 : 200, blob.length - start);
      OutputStream out = exchange.getResponseBody();
      out.write(blob, start, Math.min(after, blob.length - start));
      out.flush();
      await(headTaken);
      exchange.close();
      return true;
    });
  }

  /** Takes the first bytes of an upload's body into the session, and hangs up. */
  public void cutUploadOnce(String method, int after) {
    inject(exchange -> {
      if (!matches(exchange, method, "/blobs/uploads/")) {
        return false;
      }
      Objects.requireNonNull(sessions.get(exchange.getRequestURI().getPath()))
          .writeBytes(exchange.getRequestBody().readNBytes(after));
      exchange.close();
      return true;
    });
  }

  /** Waits for the test, within bounds. */
  static void await(CountDownLatch latch) throws IOException {
    try {
      if (!latch.await(30, TimeUnit.SECONDS)) {
        throw new IOException("the test did not count down within 30 s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the registry is closing");
    }
  }

  public void forgetUploads() {
    sessions.clear();
  }

  public void putBlob(RepositoryName repository, byte[] content) {
    blobs.put("/v2/" + repository + "/blobs/" + Digest.sha256(content), content);
  }

  public List<String> requests() {
    return seen.stream().map(Seen::toString).toList();
  }

  private void handle(HttpExchange exchange) throws IOException {
    URI uri = exchange.getRequestURI();
    seen.add(
        new Seen(
            exchange.getRequestMethod(),
            uri.getPath(),
            uri.getRawQuery() == null ? "" : uri.getRawQuery(),
            Map.copyOf(exchange.getRequestHeaders())));
    try (exchange) {
      for (Fault fault : faults) {
        if (fault.handle(exchange)) {
          faults.remove(fault);
          return;
        }
      }
      if (uri.getPath().equals("/token")) {
        reply(exchange, 200, tokenAnswer.getBytes(UTF_8));
        return;
      }
      String given = exchange.getRequestHeaders().getFirst("Authorization");
      if (!requiredAuthorization.isEmpty() && !requiredAuthorization.equals(given)) {
        exchange.getRequestBody().readAllBytes();
        exchange.getResponseHeaders().add("WWW-Authenticate", challenge);
        error(exchange, OciError.UNAUTHORIZED);
        return;
      }
      route(exchange, uri.getPath());
    }
  }

  private void route(HttpExchange exchange, String path) throws IOException {
    if (path.equals("/v2/")) {
      reply(exchange, 200, "{}".getBytes(UTF_8));
    } else if (path.contains("/blobs/uploads/")) {
      upload(exchange, path);
    } else if (path.contains("/blobs/")) {
      blob(exchange, path);
    } else if (path.contains("/manifests/")) {
      manifest(exchange, path);
    } else if (path.endsWith("/tags/list")) {
      tags(exchange, path);
    } else if (extensions.containsKey(path)) {
      reply(exchange, 200, extensions.get(path));
    } else if (path.contains("/referrers/") && referrersApi) {
      exchange.getResponseHeaders().set("Content-Type", "application/vnd.oci.image.index.v1+json");
      reply(exchange, 200, "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(UTF_8));
    } else {
      error(exchange, OciError.NAME_UNKNOWN);
    }
  }

  private void blob(HttpExchange exchange, String path) throws IOException {
    byte[] blob = blobs.get(path);
    if (exchange.getRequestMethod().equals("DELETE")) {
      reply(exchange, blobs.remove(path) == null ? 404 : 202, new byte[0]);
    } else if (blob == null) {
      error(exchange, OciError.BLOB_UNKNOWN);
    } else if (rangeStart(exchange) >= 0) {
      String[] ends =
          exchange
              .getRequestHeaders()
              .getFirst("Range")
              .substring("bytes=".length())
              .split("-", -1);
      int from = Integer.parseInt(ends[0]);
      int to = Math.min(Integer.parseInt(ends[1]), blob.length - 1);
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes " + from + "-" + to + "/" + blob.length);
      reply(exchange, 206, Arrays.copyOfRange(blob, from, to + 1));
    } else {
      reply(exchange, 200, blob);
    }
  }

  private void manifest(HttpExchange exchange, String path) throws IOException {
    String name = path.substring(0, path.lastIndexOf('/') + 1);
    switch (exchange.getRequestMethod()) {
      case "PUT" -> {
        byte[] bytes = exchange.getRequestBody().readAllBytes();
        Stored stored = new Stored(exchange.getRequestHeaders().getFirst("Content-Type"), bytes);
        manifests.put(path, stored);
        manifests.put(name + Digest.sha256(bytes), stored);
        if (referrersApi && new String(bytes, UTF_8).contains("\"subject\"")) {
          exchange.getResponseHeaders().set("OCI-Subject", "sha256:seen");
        }
        exchange.getResponseHeaders().set("Docker-Content-Digest", "" + Digest.sha256(bytes));
        reply(exchange, 201, new byte[0]);
      }
      case "DELETE" -> reply(exchange, manifests.remove(path) == null ? 404 : 202, new byte[0]);
      default -> {
        Stored stored = manifests.get(path);
        if (stored == null) {
          error(exchange, OciError.MANIFEST_UNKNOWN);
          return;
        }
        exchange.getResponseHeaders().set("Content-Type", stored.mediaType());
        exchange
            .getResponseHeaders()
            .set("Docker-Content-Digest", Digest.sha256(stored.bytes()).toString());
        reply(exchange, 200, stored.bytes());
      }
    }
  }

  private void tags(HttpExchange exchange, String path) throws IOException {
    String prefix = path.replace("tags/list", "manifests/");
    List<String> all =
        new TreeMap<>(manifests)
            .keySet().stream()
                .filter(key -> key.startsWith(prefix) && key.indexOf(':') < 0)
                .map(key -> key.substring(prefix.length()))
                .toList();
    String last = parameters(exchange).getOrDefault("last", "");
    List<String> rest = all.stream().filter(tag -> tag.compareTo(last) > 0).toList();
    List<String> page = rest.subList(0, Math.min(pageSize, rest.size()));
    if (page.size() < rest.size()) {
      exchange
          .getResponseHeaders()
          .set("Link", "<" + path + "?last=" + page.getLast() + ">; rel=\"next\"");
    }
    String names = page.stream().map(t -> "\"" + t + "\"").collect(Collectors.joining(","));
    reply(exchange, 200, ("{\"name\":\"x\",\"tags\":[" + names + "]}").getBytes(UTF_8));
  }

  private void upload(HttpExchange exchange, String path) throws IOException {
    Map<String, String> query = parameters(exchange);
    String repository = path.substring(0, path.indexOf("/blobs/uploads/"));
    if (exchange.getRequestMethod().equals("POST")) {
      String from = "/v2/" + query.get("from") + "/blobs/" + query.get("mount");
      if (mounts && blobs.containsKey(from)) {
        blobs.put(repository + "/blobs/" + query.get("mount"), blobs.get(from));
        reply(exchange, 201, new byte[0]);
        return;
      }
      String session = path + "u" + uploads.incrementAndGet();
      sessions.put(session, new ByteArrayOutputStream());
      exchange.getResponseHeaders().set("Location", session + "?state=s3cr3t");
      reply(exchange, 202, new byte[0]);
      return;
    }
    ByteArrayOutputStream session = sessions.get(path);
    if (session == null) {
      exchange.getRequestBody().readAllBytes();
      error(exchange, OciError.BLOB_UPLOAD_UNKNOWN);
      return;
    }
    String range = exchange.getRequestHeaders().getFirst("Content-Range");
    if (range != null && !range.startsWith(session.size() + "-")) {
      exchange.getRequestBody().readAllBytes();
      error(exchange, OciError.RANGE_INVALID);
      return;
    }
    try (InputStream body = exchange.getRequestBody()) {
      body.transferTo(session);
    }
    exchange.getResponseHeaders().set("Location", path + "?state=s3cr3t");
    exchange.getResponseHeaders().set("Range", "0-" + Math.max(0, session.size() - 1));
    switch (exchange.getRequestMethod()) {
      case "GET" -> reply(exchange, 204, new byte[0]);
      case "PATCH" -> reply(exchange, 202, new byte[0]);
      default -> finish(exchange, repository, query.getOrDefault("digest", ""), session);
    }
  }

  private void finish(
      HttpExchange exchange, String repository, String digest, ByteArrayOutputStream session)
      throws IOException {
    byte[] content = session.toByteArray();
    if (!Digest.sha256(content).toString().equals(digest)) {
      error(exchange, OciError.DIGEST_INVALID);
      return;
    }
    sessions.remove(exchange.getRequestURI().getPath());
    blobs.put(repository + "/blobs/" + digest, content);
    reply(exchange, 201, new byte[0]);
  }

  public static void reply(HttpExchange exchange, int status, byte[] body) throws IOException {
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  private static void error(HttpExchange exchange, OciError error) throws IOException {
    reply(exchange, error.httpStatus(), OciErrorBody.write(error.with(error.defaultMessage())));
  }

  private static int rangeStart(HttpExchange exchange) {
    String range = exchange.getRequestHeaders().getFirst("Range");
    return range == null ? -1 : Integer.parseInt(range.replaceAll("bytes=([0-9]+)-.*", "$1"));
  }

  private static Map<String, String> parameters(HttpExchange exchange) {
    Map<String, String> parameters = new TreeMap<>();
    String query = exchange.getRequestURI().getRawQuery();
    for (String pair : query == null ? new String[0] : query.split("&")) {
      int equals = pair.indexOf('=');
      parameters.put(
          pair.substring(0, equals), URLDecoder.decode(pair.substring(equals + 1), UTF_8));
    }
    return parameters;
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }
}
