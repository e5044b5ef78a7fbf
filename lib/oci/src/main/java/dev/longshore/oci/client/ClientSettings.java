package dev.longshore.oci.client;

import java.net.URI;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** What a {@link RegistryClient.Builder} collected, checked. */
record ClientSettings(
    URI endpoint,
    CredentialsSource credentials,
    RetryPolicy retries,
    Duration connectTimeout,
    Duration readTimeout,
    String userAgent,
    @Nullable String mirrored,
    @Nullable SSLContext tls,
    long uploadChunk) {

  ClientSettings {
    String scheme = endpoint.getScheme();
    String path = endpoint.getRawPath();
    if (!("http".equals(scheme) || "https".equals(scheme))
        || endpoint.getHost() == null
        || endpoint.getRawUserInfo() != null
        || endpoint.getRawQuery() != null
        || !(path == null || path.isEmpty() || path.equals("/"))) {
      throw new IllegalArgumentException(
          "not a registry URL: expected http://host[:port] or https://host[:port] without user,"
              + " path and query");
    }
    if (uploadChunk < 0) {
      throw new IllegalArgumentException("negative upload chunk size " + uploadChunk);
    }
  }
}
