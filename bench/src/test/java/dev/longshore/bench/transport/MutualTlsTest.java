package dev.longshore.bench.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.service.net.TlsSettings;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.OpenSslContext;
import io.netty.handler.ssl.SslProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MutualTlsTest {
  @TempDir private Path folder;
  private Path keys;

  @BeforeEach
  void make() throws Exception {
    keys = folder.resolve("keys");
    MutualTls.createKeys(keys);
  }

  @Test
  void server_eachEngine_isWhatWasAskedFor() throws Exception {
    MutualTls tls = MutualTls.read(keys);

    assertThat(tls.server(SslProvider.JDK)).isInstanceOf(JdkSslContext.class);
    if (Sending.TLS_BORINGSSL.whyUnavailable() == null) {
      assertThat(tls.server(SslProvider.OPENSSL)).isInstanceOf(OpenSslContext.class);
    }
    assertThat(tls.server(SslProvider.JDK).cipherSuites())
        .containsExactly("TLS_AES_128_GCM_SHA256");
  }

  /** What ships must not change with what this benchmark brings along. */
  @Test
  void serverContext_boringSslOnTheClassPath_isTheJdkAllTheSame() throws Exception {
    KeyStore store = KeyStore.getInstance(keys.toFile(), "changeit".toCharArray());
    Path certificate = pem("CERTIFICATE", store.getCertificate("member").getEncoded());
    Path key = pem("PRIVATE KEY", store.getKey("member", "changeit".toCharArray()).getEncoded());

    assertThat(new TlsSettings(Optional.of(certificate), Optional.of(key)).serverContext())
        .get()
        .isInstanceOf(JdkSslContext.class);
  }

  private Path pem(String kind, byte[] der) throws Exception {
    return Files.writeString(
        folder.resolve(kind),
        "-----BEGIN "
            + kind
            + "-----\n"
            + Base64.getMimeEncoder().encodeToString(der)
            + "\n-----END "
            + kind
            + "-----\n");
  }
}
