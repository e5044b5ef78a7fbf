package dev.longshore.oci.client;

import java.io.IOException;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Follows redirects by hand, because a credential must not follow: it goes to its own origin only
 * (scheme, host and port), on every hop.
 */
final class Redirects {
  private static final int MAX_HOPS = 5;

  private final Wire wire;
  private final Origin origin;

  Redirects(Wire wire, Origin origin) {
    this.wire = wire;
    this.origin = origin;
  }

  /** True when credentials may be sent there. */
  boolean isHome(URI uri) {
    return Origin.of(uri).equals(origin);
  }

  WireResponse follow(WireRequest request, @Nullable String authorization) throws IOException {
    URI uri = request.uri();
    for (int hop = 0; ; hop++) {
      WireResponse response = wire.exchange(request, uri, isHome(uri) ? authorization : null);
      if (!isRedirect(request.method(), response.status())) {
        return response;
      }
      try (response) {
        if (hop >= MAX_HOPS) {
          throw new IOException(
              "Tried to " + request.attempted() + ": more than " + MAX_HOPS + " redirects");
        }
        uri = target(uri, response, request);
      }
    }
  }

  /** 307 and 308 keep method and body; the older three are only meant, and safe, for reads. */
  private static boolean isRedirect(String method, int status) {
    boolean read = method.equals("GET") || method.equals("HEAD");
    return status == 307 || status == 308 || (read && status >= 301 && status <= 303);
  }

  private static URI target(URI from, WireResponse response, WireRequest request)
      throws IOException {
    String location = response.header("location").orElse("");
    try {
      URI to = from.resolve(location);
      String scheme = to.getScheme();
      if (!location.isEmpty()
          && ("http".equals(scheme) || "https".equals(scheme))
          && to.getHost() != null
          && to.getRawUserInfo() == null) {
        return to;
      }
    } catch (IllegalArgumentException e) {
      // Falls through to the refusal, which says it better.
    }
    throw new IOException(
        "Tried to " + request.attempted() + ": redirected to something that is no http URL");
  }
}
