package dev.longshore.oci.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same over TLS, with a certificate for {@code localhost} only. */
final class TlsHttpReaderTest {
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir private static Path folder;
  private static SSLContext ours;

  @BeforeAll
  static void makeCertificate() throws Exception {
    Path store = folder.resolve("keys.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "SAN=dns:localhost",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD))
            .inheritIO()
            .start();
    assertThat(keytool.waitFor()).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD);
    }
    KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(keys, PASSWORD);
    TrustManagerFactory trusted =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusted.init(keys);
    ours = SSLContext.getInstance("TLS");
    ours.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
  }

  private static ScriptedServer server() throws IOException {
    return new ScriptedServer(
        ours.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress()));
  }

  private static HttpReader trusting(SSLContext tls) {
    return new HttpReader(tls, Duration.ofSeconds(5), Duration.ofSeconds(20));
  }

  @Test
  void get_trustedServer_readsIntoDirectBufferAndKeepsTheConnection() throws Exception {
    String head = "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n";
    try (ScriptedServer server = server();
        HttpReader reader = trusting(ours)) {
      for (int round = 0; round < 2; round++) {
        server.answer(head, "x".repeat(200_000));
        ByteBuffer target = ByteBuffer.allocateDirect(200_001);
        try (HttpAnswer answer = reader.get(server.uri("https", "localhost", "/"), Map.of())) {
          while (answer.body().read(target) >= 0) {
            assertThat(target.hasRemaining()).isTrue();
          }
        }
        assertThat(UTF_8.decode(target.flip()).toString()).isEqualTo("x".repeat(200_000));
      }
      assertThat(server.connections).hasValue(1);
    }
  }

  @Test
  void get_serverThatNobodyVouchesFor_isRefused() throws Exception {
    try (ScriptedServer server = server();
        HttpReader reader = trusting(SSLContext.getDefault())) {
      assertThatThrownBy(() -> reader.get(server.uri("https", "localhost", "/"), Map.of()))
          .isInstanceOf(SSLException.class);
      assertThat(server.requests).isEmpty();
    }
  }

  @Test
  void get_certificateOfAnotherHost_isRefused() throws Exception {
    try (ScriptedServer server = server();
        HttpReader reader = trusting(ours)) {
      assertThatThrownBy(() -> reader.get(server.uri("https", "127.0.0.1", "/"), Map.of()))
          .isInstanceOf(SSLException.class);
      assertThat(server.requests).isEmpty();
    }
  }
}
