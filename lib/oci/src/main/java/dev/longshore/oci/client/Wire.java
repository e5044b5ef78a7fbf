package dev.longshore.oci.client;

import java.io.IOException;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** Sends one HTTP request and awaits the head of its answer; no redirects, no authorization. */
interface Wire {

  /**
   * One exchange.
   *
   * @param uri where to send it, which is elsewhere than the request says after a redirect
   * @param authorization header value, null for none
   * @throws RegistryUnreachableException if no answer came
   */
  WireResponse exchange(WireRequest request, URI uri, @Nullable String authorization)
      throws IOException;
}
