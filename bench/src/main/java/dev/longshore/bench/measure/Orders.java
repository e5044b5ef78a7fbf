package dev.longshore.bench.measure;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Tells one of our processes that has an address {@code control} what to do, over HTTP. */
public final class Orders implements AutoCloseable {
  private final ServerProcess process;
  private final HttpClient client = HttpClient.newHttpClient();

  public Orders(ServerProcess process) {
    this.process = process;
  }

  /**
   * Sends an order and waits until it was carried out.
   *
   * @param order path and query
   * @return what the process answered
   * @throws IOException also if it could not carry it out
   */
  public String send(String order) throws IOException, InterruptedException {
    URI address = URI.create("http://" + process.address("control") + order);
    HttpRequest request =
        HttpRequest.newBuilder(address).POST(HttpRequest.BodyPublishers.noBody()).build();
    HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException(order + " was answered " + answer.statusCode() + ": " + answer.body());
    }
    return answer.body();
  }

  @Override
  public void close() {
    client.close();
  }
}
