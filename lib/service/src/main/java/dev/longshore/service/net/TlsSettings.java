package dev.longshore.service.net;

import dev.longshore.service.settings.Setting;
import dev.longshore.service.settings.SettingsException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLException;

/**
 * The certificate a server shows; in the clear without one.
 *
 * @param tlsCert chain in PEM, the server's own first
 * @param tlsKey its private key in PKCS#8 PEM
 */
public record TlsSettings(
    @Setting("certificate chain in PEM; with it the server speaks HTTPS only")
        Optional<Path> tlsCert,
    @Setting("private key of --tls-cert in PKCS#8 PEM") Optional<Path> tlsKey) {

  public TlsSettings {
    if (tlsCert.isPresent() != tlsKey.isPresent()) {
      throw new IllegalArgumentException(
          "--tls-cert and --tls-key go together, and only --"
              + (tlsCert.isPresent() ? "tls-cert" : "tls-key")
              + " is given");
    }
  }

  /** No TLS. */
  public static TlsSettings none() {
    return new TlsSettings(Optional.empty(), Optional.empty());
  }

  /**
   * The server's context, or empty for no TLS.
   *
   * @throws SettingsException if the files cannot be used
   */
  public Optional<SslContext> serverContext() {
    if (tlsCert.isEmpty() || tlsKey.isEmpty()) {
      return Optional.empty();
    }
    Path cert = readable("tls-cert", tlsCert.get());
    Path key = readable("tls-key", tlsKey.get());
    try {
      return Optional.of(
          SslContextBuilder.forServer(cert.toFile(), key.toFile())
              // By name: Netty would take another engine wherever it finds one on the class path.
              .sslProvider(SslProvider.JDK)
              .protocols("TLSv1.3", "TLSv1.2")
              .build());
    } catch (SSLException | IllegalArgumentException e) {
      throw new SettingsException(
          "--tls-cert "
              + cert
              + " and --tls-key "
              + key
              + " cannot be used: expected a PEM certificate chain and its PKCS#8 key: "
              + e.getMessage(),
          e);
    }
  }

  private static Path readable(String setting, Path file) {
    if (!Files.isReadable(file)) {
      throw new SettingsException("--" + setting + " " + file + " cannot be read");
    }
    return file;
  }
}
