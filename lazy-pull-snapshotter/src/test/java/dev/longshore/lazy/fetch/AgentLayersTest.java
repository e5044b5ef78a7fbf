package dev.longshore.lazy.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.longshore.lazy.layers.LayerSource;
import dev.longshore.oci.Digest;
import dev.longshore.oci.client.Credentials;
import dev.longshore.oci.client.CredentialsSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Layers of images as an agent over real HTTP gives them. */
class AgentLayersTest {
  private static final String PATH = "/v2/team/app/";

  private final Map<String, byte[]> served = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final AtomicLong fetched = new AtomicLong();
  private final CountDownLatch end = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile boolean silent;
  private volatile @Nullable String wanted;
  private HttpServer agent;
  private byte[] blob;
  private Digest layer;

  @BeforeEach
  void serve() throws Exception {
    agent = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    agent.setExecutor(threads);
    agent.createContext("/", this::answer);
    agent.start();
    blob = new byte[300_000]; // an archive that ends at once
    new Random(1).nextBytes(blob);
    Arrays.fill(blob, 0, 1024, (byte) 0);
    layer = Digest.sha256(blob);
    served.put(PATH + "blobs/" + layer, blob);
  }

  @AfterEach
  void stop() {
    end.countDown();
    agent.stop(0);
    threads.shutdownNow();
  }

  @Test
  void index_ofALayer_isAsItCame() throws Exception {
    served.put(PATH + "_longshore/index/" + layer, new byte[] {1, 2, 3});

    try (AgentLayers layers = layers(Duration.ofSeconds(10))) {
      LayerSource source = layers.of("registry.example:5000/team/app:v1");
      assertThat(source.index(layer)).contains(new byte[] {1, 2, 3});
    }
    assertThat(asked)
        .containsExactly("GET " + PATH + "_longshore/index/" + layer + "?ns=registry.example:5000");
  }

  @Test
  void index_agentHasNone_isEmpty() throws Exception {
    try (AgentLayers layers = layers(Duration.ofSeconds(10))) {
      assertThat(layers.of("registry.example/team/app").index(layer)).isEmpty();
    }
  }

  @Test
  void read_range_isThatRange() throws Exception {
    ByteArrayOutputStream got = new ByteArrayOutputStream();
    try (AgentLayers layers = layers(Duration.ofSeconds(10))) {
      layers.of("registry.example/team/app").read(layer, 1000, 200_000, bytes -> take(bytes, got));
    }
    assertThat(got.toByteArray()).isEqualTo(Arrays.copyOfRange(blob, 1000, 201_000));
    assertThat(fetched).hasValue(200_000);
  }

  @Test
  void readAll_ofALayer_isAllOfIt() throws Exception {
    ByteArrayOutputStream got = new ByteArrayOutputStream();
    try (AgentLayers layers = layers(Duration.ofSeconds(10))) {
      layers.of("registry.example/team/app").readAll(layer, bytes -> take(bytes, got));
    }
    assertThat(got.toByteArray()).isEqualTo(blob);
    assertThat(fetched).hasValue(blob.length);
  }

  @Test
  void readAll_wrongBytes_fails() throws Exception {
    byte[] wrong = blob.clone();
    wrong[wrong.length - 1] ^= 1;
    served.put(PATH + "blobs/" + layer, wrong);

    try (AgentLayers layers = layers(Duration.ofSeconds(10))) {
      assertThatThrownBy(() -> layers.of("registry.example/team/app").readAll(layer, _ -> {}))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void readAll_agentHasItNot_saysWhich() throws Exception {
    try (AgentLayers layers = layers(Duration.ofSeconds(10))) {
      Digest other = Digest.sha256(new byte[0]);
      assertThatThrownBy(() -> layers.of("registry.example/team/app").readAll(other, _ -> {}))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("team/app has no layer " + other);
    }
  }

  @Test
  void read_agentSaysNothing_failsInsteadOfHanging() throws Exception {
    silent = true;
    try (AgentLayers layers = layers(Duration.ofMillis(50))) {
      LayerSource source = layers.of("registry.example/team/app");
      assertThatThrownBy(() -> source.read(layer, 0, 10, _ -> {})).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> source.index(layer)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void read_registryWantsALogin_sendsItsCredentials() throws Exception {
    wanted = "Basic dGVhbTpzM2NyM3Q=";
    CredentialsSource credentials =
        registry ->
            registry.equals("registry.example")
                ? Optional.of(new Credentials.UserPassword("team", "s3cr3t"))
                : Optional.empty();
    ByteArrayOutputStream got = new ByteArrayOutputStream();
    try (AgentLayers layers = new AgentLayers(uri(), credentials, fetched::addAndGet)) {
      layers.of("registry.example/team/app").read(layer, 0, 10, bytes -> take(bytes, got));
      assertThatThrownBy(() -> layers.of("other.example/team/app").read(layer, 0, 10, _ -> {}))
          .isInstanceOf(IOException.class);
    }
    assertThat(got.toByteArray()).isEqualTo(Arrays.copyOf(blob, 10));
  }

  @Test
  void of_notAReference_saysSo() {
    try (AgentLayers layers = layers(Duration.ofSeconds(10))) {
      assertThatThrownBy(() -> layers.of("Not An Image"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("Not An Image");
    }
  }

  private AgentLayers layers(Duration silence) {
    return new AgentLayers(uri(), CredentialsSource.anonymous(), fetched::addAndGet, silence);
  }

  private URI uri() {
    return URI.create("http://127.0.0.1:" + agent.getAddress().getPort());
  }

  private static void take(ByteBuffer bytes, ByteArrayOutputStream into) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    into.writeBytes(copy);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      URI target = exchange.getRequestURI();
      asked.add(exchange.getRequestMethod() + " " + target.getPath() + "?" + target.getQuery());
      if (silent) {
        end.await();
      }
      String required = wanted;
      if (required != null
          && !required.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"test\"");
        exchange.sendResponseHeaders(401, -1);
        return;
      }
      byte[] body = served.get(exchange.getRequestURI().getPath());
      if (body == null) {
        exchange.sendResponseHeaders(404, -1);
      } else {
        send(exchange, body);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void send(HttpExchange exchange, byte[] body) throws IOException {
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    int from = 0;
    int to = body.length;
    String range = exchange.getRequestHeaders().getFirst("Range");
    if (range != null) {
      String[] ends = range.substring("bytes=".length()).split("-", -1);
      from = Integer.parseInt(ends[0]);
      to = Integer.parseInt(ends[1]) + 1;
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + body.length);
    }
    exchange.sendResponseHeaders(range == null ? 200 : 206, (long) to - from);
    exchange.getResponseBody().write(body, from, to - from);
  }
}
