package dev.longshore.oci.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** Whatever is not bulk, by the JDK's client. */
final class HttpSender implements Wire, AutoCloseable {
  private final ClientSettings settings;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

  /** Guarded by this; made for the first request, since it reads all certificates one trusts. */
  private @Nullable HttpClient http;

  /** Guarded by this. */
  private boolean closed;

  HttpSender(ClientSettings settings) {
    this.settings = settings;
  }

  private synchronized HttpClient http() throws IOException {
    if (closed) {
      throw new IOException("The registry client is closed");
    }
    if (http == null) {
      http = connect();
    }
    return http;
  }

  private HttpClient connect() {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            // Blobs want a connection each: streams of one HTTP/2 connection share its window.
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.connectTimeout())
            .executor(executor);
    if (settings.tls() != null) {
      builder.sslContext(settings.tls());
    }
    return builder.build();
  }

  @Override
  public WireResponse exchange(WireRequest request, URI uri, @Nullable String authorization)
      throws IOException {
    String attempted = request.attempted(uri);
    WireRequest.Body body = request.body();
    // Opened before sending, so that an unreadable file fails as itself.
    InputStream content =
        body == null || body.length() == 0 ? InputStream.nullInputStream() : body.content().open();
    try (content) {
      HttpRequest.Builder builder =
          HttpRequest.newBuilder(uri)
              .method(request.method(), publisher(body, content))
              .timeout(headTimeout(body))
              .setHeader("User-Agent", settings.userAgent());
      request.headers().forEach(builder::setHeader);
      if (authorization != null) {
        builder.setHeader("Authorization", authorization);
      }
      HttpResponse<InputStream> response =
          http().send(builder.build(), info -> new TimedBody(settings.readTimeout()));
      return new WireResponse(
          attempted, uri, response.statusCode(), response.headers(), response.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Tried to " + attempted + ": interrupted");
    } catch (IllegalArgumentException e) {
      throw new IOException("Tried to " + attempted + ": " + e.getMessage(), e);
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      throw new RegistryUnreachableException(attempted, e);
    }
  }

  private static BodyPublisher publisher(WireRequest.@Nullable Body body, InputStream content) {
    return body == null || body.length() == 0
        ? BodyPublishers.noBody()
        : BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(() -> content), body.length());
  }

  /** The JDK counts the sending of the body too: allow it to go at 256 KiB/s. */
  private Duration headTimeout(WireRequest.@Nullable Body body) {
    return body == null
        ? settings.readTimeout()
        : settings.readTimeout().plusSeconds(body.length() >> 18);
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (http != null) {
      http.shutdownNow();
    }
    executor.shutdownNow();
  }
}
