package dev.longshore.oci.client;

import java.net.URI;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Scheme, host and port: what a credential belongs to. */
record Origin(String scheme, String host, int port) {

  static Origin of(URI uri) {
    String scheme = lower(uri.getScheme());
    int port = uri.getPort() >= 0 ? uri.getPort() : scheme.equals("https") ? 443 : 80;
    return new Origin(scheme, lower(uri.getHost()), port);
  }

  private static String lower(@Nullable String text) {
    return text == null ? "" : text.toLowerCase(Locale.ROOT);
  }

  /** True when nobody on the network can listen. */
  boolean isPrivate() {
    return scheme.equals("https")
        || host.equals("localhost")
        || host.equals("[::1]")
        || host.matches("127(\\.[0-9]{1,3}){3}");
  }
}
