package dev.longshore.bench.transport;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How the bytes of a piece get from its file to the socket. */
enum Sending {
  SENDFILE("file region", null),
  BUFFERS("buffers", null),
  TLS_JDK("JDK", SslProvider.JDK),
  TLS_BORINGSSL("BoringSSL", SslProvider.OPENSSL);

  private final String label;
  private final @Nullable SslProvider engine;

  Sending(String label, @Nullable SslProvider engine) {
    this.label = label;
    this.engine = engine;
  }

  /** What encrypts, or null in the clear. */
  @Nullable SslProvider engine() {
    return engine;
  }

  boolean isSecure() {
    return engine != null;
  }

  /** Why this machine cannot do it, or null when it can. */
  @Nullable Throwable whyUnavailable() {
    return engine == SslProvider.OPENSSL ? OpenSsl.unavailabilityCause() : null;
  }

  /** By this the sender's address for it is known. */
  String setting() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public String toString() {
    return label;
  }
}
