package dev.longshore.oci.client;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request to a registry, before authorization.
 *
 * @param method in upper case
 * @param uri absolute
 * @param headers beside Authorization and User-Agent
 * @param body null for none
 * @param scopes the token scopes it needs, as in {@code repository:team/app:pull}
 * @param repeatable true when sending it twice does no harm
 */
record WireRequest(
    String method,
    URI uri,
    Map<String, String> headers,
    @Nullable Body body,
    List<String> scopes,
    boolean repeatable) {

  /** A body of known length that can be opened again for another attempt. */
  record Body(long length, Opening content) {}

  /** Opens a body from its first byte. */
  @FunctionalInterface
  interface Opening {
    InputStream open() throws IOException;
  }

  static WireRequest get(URI uri, List<String> scopes) {
    return new WireRequest("GET", uri, Map.of(), null, scopes, true);
  }

  static WireRequest head(URI uri, List<String> scopes) {
    return new WireRequest("HEAD", uri, Map.of(), null, scopes, true);
  }

  WireRequest withHeaders(Map<String, String> other) {
    return new WireRequest(method, uri, other, body, scopes, repeatable);
  }

  WireRequest once() {
    return new WireRequest(method, uri, headers, body, scopes, false);
  }

  /** Method and URL for an error message. */
  String attempted() {
    return attempted(uri);
  }

  /** The same for another place that it was redirected to. */
  String attempted(URI elsewhere) {
    return method + " " + RedactedUrl.of(elsewhere);
  }
}
