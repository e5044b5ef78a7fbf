package dev.longshore.bench.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

/** TLS 1.3 with AES-128-GCM between two that show each other the same certificate. */
final class MutualTls {
  private static final String PASSWORD = "changeit";
  private static final List<String> CIPHER = List.of("TLS_AES_128_GCM_SHA256");

  private final KeyManagerFactory own;
  private final TrustManagerFactory trusted;

  private MutualTls(KeyManagerFactory own, TrustManagerFactory trusted) {
    this.own = own;
    this.trusted = trusted;
  }

  /** Makes a P-256 key with a certificate that it has signed itself. */
  static void createKeys(Path file) throws IOException, InterruptedException {
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "member",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), UTF_8);
    if (keytool.waitFor() != 0) {
      throw new IOException("keytool could not make a key in " + file + ": " + said);
    }
  }

  static MutualTls read(Path keys) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(keys.toFile(), PASSWORD.toCharArray());
    var own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(store, PASSWORD.toCharArray());
    KeyStore known = KeyStore.getInstance("PKCS12");
    known.load(null, null);
    known.setCertificateEntry("member", store.getCertificate("member"));
    var trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusted.init(known);
    return new MutualTls(own, trusted);
  }

  SslContext server(SslProvider engine) throws IOException {
    return finish(SslContextBuilder.forServer(own).clientAuth(ClientAuth.REQUIRE), engine);
  }

  SslContext client(SslProvider engine) throws IOException {
    return finish(SslContextBuilder.forClient().keyManager(own), engine);
  }

  private SslContext finish(SslContextBuilder either, SslProvider engine) throws IOException {
    return either
        .trustManager(trusted)
        .sslProvider(engine)
        .protocols("TLSv1.3")
        .ciphers(CIPHER)
        .build();
  }
}
