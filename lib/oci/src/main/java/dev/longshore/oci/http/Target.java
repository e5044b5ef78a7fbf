package dev.longshore.oci.http;

import java.net.URI;
import java.util.Locale;

/** What a connection leads to. */
record Target(boolean secure, String host, int port) {

  /**
   * Where a URL points.
   *
   * @throws IllegalArgumentException unless it is an absolute http or https URL
   */
  static Target of(URI uri) {
    String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    String host = uri.getHost();
    if (host == null || !(scheme.equals("http") || scheme.equals("https"))) {
      throw new IllegalArgumentException("not an http or https URL");
    }
    boolean secure = scheme.equals("https");
    int port = uri.getPort() >= 0 ? uri.getPort() : secure ? 443 : 80;
    return new Target(secure, host.toLowerCase(Locale.ROOT), port);
  }
}
