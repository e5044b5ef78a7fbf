package dev.longshore.agent;

import dev.longshore.oci.Digest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Asks a mirror what containerd asks it. */
final class MirrorClient implements AutoCloseable {
  private final HttpClient http = HttpClient.newHttpClient();
  private final URI mirror;
  private final String registry;

  MirrorClient(URI mirror, String registry) {
    this.mirror = mirror;
    this.registry = registry;
  }

  /** Headers are names and values by turns. */
  HttpResponse<byte[]> send(String method, String path, String... headers)
      throws IOException, InterruptedException {
    return sendRaw(method, path + "?ns=" + registry, headers);
  }

  HttpResponse<byte[]> sendRaw(String method, String target, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(mirror.resolve(target))
            .timeout(Duration.ofSeconds(60))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), BodyHandlers.ofByteArray());
  }

  HttpResponse<byte[]> get(String path, String... headers)
      throws IOException, InterruptedException {
    return send("GET", path, headers);
  }

  HttpResponse<byte[]> head(String path, String... headers)
      throws IOException, InterruptedException {
    return send("HEAD", path, headers);
  }

  byte[] blob(String repository, Digest digest) throws IOException, InterruptedException {
    HttpResponse<byte[]> answer = get("/v2/" + repository + "/blobs/" + digest);
    if (answer.statusCode() != 200) {
      throw new IOException(
          "status "
              + answer.statusCode()
              + ": "
              + new String(answer.body(), StandardCharsets.UTF_8));
    }
    return answer.body();
  }

  @Override
  public void close() {
    http.close();
  }
}
