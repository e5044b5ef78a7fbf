package dev.longshore.oci.client;

import java.net.URI;
import java.util.Set;
import java.util.StringJoiner;

/** Writes a URL for logs and errors: signed queries and user info are secrets. */
final class RedactedUrl {
  private static final Set<String> HARMLESS =
      Set.of("digest", "mount", "from", "n", "last", "ns", "artifactType", "service", "scope");

  private RedactedUrl() {}

  static String of(URI uri) {
    StringBuilder text = new StringBuilder();
    text.append(uri.getScheme()).append("://").append(uri.getHost());
    if (uri.getPort() >= 0) {
      text.append(':').append(uri.getPort());
    }
    text.append(uri.getRawPath() == null ? "" : uri.getRawPath());
    if (uri.getRawQuery() != null) {
      StringJoiner query = new StringJoiner("&", "?", "");
      for (String pair : uri.getRawQuery().split("&", -1)) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? "***" : pair.substring(0, equals);
        query.add(HARMLESS.contains(name) ? pair : name + "=***");
      }
      text.append(query);
    }
    return text.toString();
  }
}
