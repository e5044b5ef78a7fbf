package dev.longshore.cli.admin;

import dev.longshore.oci.json.BoundedJson;
import dev.longshore.service.unit.HostAndPort;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/** Reads what a daemon tells at its admin address. */
public final class AdminEndpoint {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration ANSWER = Duration.ofSeconds(10);

  /** For an answer that the daemon itself must ask others for. */
  private static final Duration LATE_ANSWER = Duration.ofMinutes(1);

  private final URI address;

  public AdminEndpoint(URI address) {
    this.address = address;
  }

  public AdminEndpoint(HostAndPort address) {
    this(URI.create("http://" + address));
  }

  /**
   * An answer.
   *
   * @param body an empty object when it was not JSON
   * @param challenges its {@code WWW-Authenticate} headers
   */
  public record Answer(int status, JsonNode body, List<String> challenges) {

    /** What the daemon says is wrong. */
    public String error() {
      return body.path("error").asString("it answered " + status);
    }
  }

  public URI address() {
    return address;
  }

  /** The state that {@code /debug} shows. */
  public JsonNode debug() throws IOException, InterruptedException {
    Answer answer = get("/debug");
    if (answer.status() != 200) {
      throw unexpected("/debug", answer.status());
    }
    return answer.body();
  }

  /** The sum of a metric over all its labels; empty when there is none of this name. */
  public OptionalDouble metric(String name) throws IOException, InterruptedException {
    HttpResponse<String> page = send(request("/metrics", ANSWER).build());
    if (page.statusCode() != 200) {
      throw unexpected("/metrics", page.statusCode());
    }
    return MetricsPage.sum(page.body(), name);
  }

  /** Whether the daemon calls itself ready. */
  public boolean ready() throws IOException, InterruptedException {
    return send(request("/readyz", ANSWER).build()).statusCode() == 200;
  }

  /** Asks for JSON. */
  public Answer get(String pathAndQuery) throws IOException, InterruptedException {
    return answer(send(request(pathAndQuery, ANSWER).build()));
  }

  /**
   * Posts JSON.
   *
   * @param authorization for whomever the daemon asks in turn; null for none
   */
  public Answer post(String path, ObjectNode body, @Nullable String authorization)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        request(path, LATE_ANSWER)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(BoundedJson.write(body)));
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    return answer(send(request.build()));
  }

  private HttpRequest.Builder request(String path, Duration timeout) {
    return HttpRequest.newBuilder(address.resolve(path)).timeout(timeout);
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    try {
      return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      // The JDK says only "null" of a refused connection.
      String why = e.getMessage() == null ? "connection refused" : e.getMessage();
      throw new IOException("nobody answers at the admin address " + address + ": " + why, e);
    }
  }

  private static Answer answer(HttpResponse<String> response) {
    JsonNode body;
    try {
      body = JSON.readTree(response.body());
    } catch (JacksonException e) {
      body = JSON.createObjectNode(); // an error page, told by its status
    }
    return new Answer(
        response.statusCode(), body, response.headers().allValues("WWW-Authenticate"));
  }

  private IOException unexpected(String path, int status) {
    return new IOException("GET %s%s: expected 200, found %d".formatted(address, path, status));
  }
}
