package dev.longshore.service.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.service.LeakWatch;
import dev.longshore.service.net.TlsSettings;
import dev.longshore.service.net.Transport;
import dev.longshore.service.net.TransportChoice;
import dev.longshore.service.settings.SettingsException;
import dev.longshore.service.unit.HostAndPort;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Optional;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakWatch.class)
final class TlsHttpServerTest {

  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir Path folder;

  private KeyStore selfSigned() throws Exception {
    Path file = folder.resolve("keys.p12");
    var keytool =
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
                "san=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-storepass",
                "changeit",
                "-keystore",
                file.toString())
            .inheritIO()
            .start();
    assertThat(keytool.waitFor()).isZero();
    return KeyStore.getInstance(file.toFile(), PASSWORD);
  }

  private Path pem(String name, String kind, byte[] der) throws Exception {
    String text = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(der);
    return Files.writeString(
        folder.resolve(name),
        "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
  }

  @Test
  void sendFile_overTls_copiesTheRightBytes() throws Exception {
    KeyStore keys = selfSigned();
    var tls =
        new TlsSettings(
            Optional.of(pem("cert", "CERTIFICATE", keys.getCertificate("server").getEncoded())),
            Optional.of(pem("key", "PRIVATE KEY", keys.getKey("server", PASSWORD).getEncoded())));
    byte[] content = new byte[1_000_003];
    new Random(5).nextBytes(content);
    Path blob = Files.write(folder.resolve("blob"), content);
    try (var file = FileChannel.open(blob);
        var transport = Transport.choose(TransportChoice.AUTO, "tls", 1);
        var server =
            HttpServer.bind(
                HttpServerConfig.of("listen", new HostAndPort("127.0.0.1", 0))
                    .withTls(tls.serverContext().orElseThrow()),
                transport,
                e -> {
                  var body =
                      e.start(HttpResponseStatus.OK, new DefaultHttpHeaders(), content.length - 3L);
                  var _ = body.sendFile(file, 3, content.length - 3L).thenCompose(v -> body.end());
                },
                ErrorMapper.plainText());
        var client =
            new RawClient(
                trusting(keys)
                    .getSocketFactory()
                    .createSocket(server.address().host(), server.address().port()))) {
      for (int i = 0; i < 2; i++) {
        assertThat(client.get("/").body())
            .isEqualTo(java.util.Arrays.copyOfRange(content, 3, content.length));
      }
    }
  }

  private static SSLContext trusting(KeyStore keys) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("server", keys.getCertificate("server"));
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  @Test
  void settings_unusable_sayWhichFile() throws Exception {
    assertThatThrownBy(() -> new TlsSettings(Optional.of(folder), Optional.empty()))
        .hasMessageContaining("only --tls-cert is given");
    Path missing = folder.resolve("missing");
    assertThatThrownBy(
            () -> new TlsSettings(Optional.of(missing), Optional.of(missing)).serverContext())
        .isInstanceOf(SettingsException.class)
        .hasMessage("--tls-cert " + missing + " cannot be read");
    Path text = Files.writeString(folder.resolve("text"), "not PEM");
    assertThatThrownBy(() -> new TlsSettings(Optional.of(text), Optional.of(text)).serverContext())
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("expected a PEM certificate chain");
    assertThat(TlsSettings.none().serverContext()).isEmpty();
  }
}
