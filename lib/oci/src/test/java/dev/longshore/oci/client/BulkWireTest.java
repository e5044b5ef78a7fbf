package dev.longshore.oci.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.oci.Digest;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.http.BodyStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Ranges of blobs as pieces are read: into direct buffers, with rights, through faults. */
final class BulkWireTest {
  private static final RepositoryName APP = new RepositoryName("team/app");
  private static final Credentials LOGIN = new Credentials.UserPassword("ann", "secret");
  private static final byte[] BLOB = new byte[2_000_000];
  private static final Digest DIGEST;

  static {
    new Random(3).nextBytes(BLOB);
    DIGEST = Digest.sha256(BLOB);
  }

  private final FakeRegistry registry;

  BulkWireTest() throws IOException {
    registry = new FakeRegistry();
    registry.putBlob(APP, BLOB);
  }

  @AfterEach
  void close() {
    registry.close();
  }

  private RegistryClient.Builder client(URI endpoint) {
    return RegistryClient.builder(endpoint)
        .retries(new RetryPolicy(3, Duration.ofMillis(1), Duration.ofMillis(2)));
  }

  private static ByteBuffer read(RegistryClient client, int offset, int length) throws IOException {
    ByteBuffer target = ByteBuffer.allocateDirect(length);
    try (BodyStream in = BodyStream.of(client.openBlobRange(APP, DIGEST, offset, length))) {
      while (target.hasRemaining()) {
        assertThat(in.read(target)).isPositive();
      }
    }
    return target.flip();
  }

  private static ByteBuffer expected(int offset, int length) {
    return ByteBuffer.wrap(Arrays.copyOfRange(BLOB, offset, offset + length));
  }

  @Test
  void range_intoDirectBuffer_isThoseBytes() throws Exception {
    try (RegistryClient client = client(registry.uri()).build()) {
      assertThat(read(client, 17, 1_500_000)).isEqualTo(expected(17, 1_500_000));
      assertThat(read(client, 1_999_999, 1)).isEqualTo(expected(1_999_999, 1));
    }
  }

  @Test
  void range_tokenRevoked_isReadWithAFreshOne() throws Exception {
    registry.requiredAuthorization = "Bearer t0k3n";
    registry.challenge = "Bearer realm=\"" + registry.uri() + "/token\",service=\"reg\"";
    try (RegistryClient client =
        client(registry.uri()).credentials(_ -> Optional.of(LOGIN)).build()) {
      assertThat(read(client, 0, 1_000)).isEqualTo(expected(0, 1_000));
      registry.requiredAuthorization = "Bearer second";
      registry.tokenAnswer = "{\"access_token\":\"second\"}";
      assertThat(read(client, 1_000, 1_000)).isEqualTo(expected(1_000, 1_000));
    }
  }

  @Test
  void range_serverFallsSilent_goesOnWithAnotherRequest() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    AtomicBoolean silent = new AtomicBoolean();
    registry.inject(exchange -> {
      if (!silent.compareAndSet(false, true)) {
        return false;
      }
      exchange.getResponseHeaders().set("Content-Range", "bytes 0-999/" + BLOB.length);
      exchange.sendResponseHeaders(206, 1_000);
      exchange.getResponseBody().write(BLOB, 0, 300);
      exchange.getResponseBody().flush();
      FakeRegistry.await(over);
      exchange.close();
      return true;
    });
    try (RegistryClient client =
        client(registry.uri()).readTimeout(Duration.ofMillis(200)).build()) {
      assertThat(read(client, 0, 1_000)).isEqualTo(expected(0, 1_000));
    } finally {
      over.countDown();
    }
    assertThat(registry.seen.getLast().header("Range")).contains("bytes=300-999");
  }

  @Test
  void range_redirectedToStorage_getsTheBytesAndNoCredentials() throws Exception {
    try (FakeRegistry storage = new FakeRegistry()) {
      storage.blobs.put("/bucket/key", BLOB);
      registry.failOnce(
          "GET", "/blobs/", 307, "Location", storage.uri() + "/bucket/key?signature=s3cret");
      storage.inject(exchange -> {
        exchange.getResponseHeaders().set("Content-Range", "bytes 0-9/" + BLOB.length);
        FakeRegistry.reply(exchange, 206, Arrays.copyOf(BLOB, 10));
        return true;
      });
      try (RegistryClient client =
          client(registry.uri()).build().withAuthorization("Bearer mine")) {
        assertThat(read(client, 0, 10)).isEqualTo(expected(0, 10));
      }
      assertThat(registry.seen.getFirst().header("Authorization")).contains("Bearer mine");
      assertThat(storage.seen)
          .singleElement()
          .satisfies(seen -> {
            assertThat(seen.header("Authorization")).isEmpty();
            assertThat(seen.header("Range")).contains("bytes=0-9");
          });
    }
  }

  @Test
  void range_proxyConfigured_goesThroughIt() throws Exception {
    ProxySelector before = ProxySelector.getDefault();
    String[] asked = {""};
    ProxySelector.setDefault(
        new ProxySelector() {
          @Override
          public List<Proxy> select(URI uri) {
            asked[0] = uri.getHost();
            int port = registry.uri().getPort();
            return List.of(
                new Proxy(
                    Proxy.Type.HTTP,
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
          }

          @Override
          public void connectFailed(URI uri, SocketAddress address, IOException failure) {}
        });
    try (RegistryClient client = client(URI.create("http://nowhere.invalid")).build()) {
      assertThat(read(client, 5, 10)).isEqualTo(expected(5, 10));
    } finally {
      ProxySelector.setDefault(before);
    }
    assertThat(asked[0]).isEqualTo("nowhere.invalid");
    assertThat(registry.seen.getLast().header("Host")).contains("nowhere.invalid");
  }

  @Test
  void range_clientClosed_fails() throws Exception {
    RegistryClient client = client(registry.uri()).build();
    client.close();
    assertThatThrownBy(() -> read(client, 0, 10)).isInstanceOf(IOException.class);
  }
}
