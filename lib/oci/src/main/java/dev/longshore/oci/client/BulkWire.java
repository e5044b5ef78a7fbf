package dev.longshore.oci.client;

import dev.longshore.oci.http.HttpAnswer;
import dev.longshore.oci.http.HttpReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** For the bodies of blobs: reads the socket itself, unless a proxy stands between. */
final class BulkWire implements Wire, AutoCloseable {
  private final ClientSettings settings;
  private final Wire proxied;
  private final HttpReader reader;

  /**
   * A wire without connections.
   *
   * @param proxied takes what goes through a proxy
   */
  BulkWire(ClientSettings settings, Wire proxied) {
    this.settings = settings;
    this.proxied = proxied;
    this.reader =
        new HttpReader(
            settings.tls() != null ? settings.tls() : platformTls(),
            settings.connectTimeout(),
            settings.readTimeout());
  }

  private static SSLContext platformTls() {
    try {
      return SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("the platform's TLS settings cannot be used", e);
    }
  }

  @Override
  public WireResponse exchange(WireRequest request, URI uri, @Nullable String authorization)
      throws IOException {
    if (!request.method().equals("GET") || request.body() != null || hasProxy(uri)) {
      return proxied.exchange(request, uri, authorization);
    }
    String attempted = request.attempted(uri);
    Map<String, String> headers = new HashMap<>(request.headers());
    headers.put("User-Agent", settings.userAgent());
    if (authorization != null) {
      headers.put("Authorization", authorization);
    }
    try {
      HttpAnswer answer = reader.get(uri, headers);
      return new WireResponse(attempted, uri, answer.status(), answer.headers(), answer.body());
    } catch (IllegalArgumentException e) {
      throw new IOException("Tried to " + attempted + ": " + e.getMessage(), e);
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      throw new RegistryUnreachableException(attempted, e);
    }
  }

  /** Asks what the JDK's client asks. */
  private static boolean hasProxy(URI uri) {
    ProxySelector selector = ProxySelector.getDefault();
    if (selector == null) {
      return false;
    }
    List<Proxy> proxies = selector.select(uri);
    return !proxies.isEmpty() && proxies.getFirst().type() != Proxy.Type.DIRECT;
  }

  @Override
  public void close() {
    reader.close();
  }
}
