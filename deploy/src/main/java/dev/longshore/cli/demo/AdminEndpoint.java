package dev.longshore.cli.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Reads what a daemon tells at its admin address. */
final class AdminEndpoint {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI address;

  AdminEndpoint(URI address) {
    this.address = address;
  }

  URI address() {
    return address;
  }

  /** The state that {@code /debug} shows. */
  JsonNode debug() throws IOException, InterruptedException {
    return JSON.readTree(get("/debug"));
  }

  /** The sum of a metric over all its labels; empty when there is none of this name. */
  OptionalDouble metric(String name) throws IOException, InterruptedException {
    return MetricsPage.sum(get("/metrics"), name);
  }

  /** Whether the daemon calls itself ready. */
  boolean ready() throws IOException, InterruptedException {
    return send("/readyz").statusCode() == 200;
  }

  private String get(String path) throws IOException, InterruptedException {
    HttpResponse<String> response = send(path);
    if (response.statusCode() != 200) {
      throw new IOException(
          "GET %s%s: expected 200, found %d".formatted(address, path, response.statusCode()));
    }
    return response.body();
  }

  private HttpResponse<String> send(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(address.resolve(path)).timeout(Duration.ofSeconds(10)).build();
    return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
  }
}
