package dev.longshore.bench.path;

import dev.longshore.bench.measure.ServerProcess;
import dev.longshore.service.net.Transport;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** One {@link PathMember} in a process of its own, with the flags of an agent. */
final class PathProcess implements AutoCloseable {
  private final ServerProcess process;
  private final HttpClient client;

  private PathProcess(ServerProcess process, HttpClient client) {
    this.process = process;
    this.client = client;
  }

  static PathProcess start(
      Path folder, Transport.Kind transport, String name, PathBenchSettings settings, boolean holds)
      throws IOException {
    String kind = transport.name().toLowerCase(Locale.ROOT);
    String own = name + "-" + kind;
    ServerProcess process =
        ServerProcess.startDaemon(
            own,
            "agent",
            PathMember.class.getName(),
            folder,
            List.of(
                "--data",
                folder.resolve(own).toString(),
                "--transport",
                kind,
                "--size",
                settings.size().bytes() + "B",
                "--download-limit",
                settings.cap().toString(),
                "--holds=" + holds));
    return new PathProcess(process, HttpClient.newHttpClient());
  }

  /** Where it listens for the other member. */
  String peer() throws IOException, InterruptedException {
    return process.address("peer").toString();
  }

  ServerProcess process() {
    return process;
  }

  /**
   * Sends an order and waits until it was carried out.
   *
   * @param order path and query
   * @return seconds it took
   */
  double order(String order) throws IOException, InterruptedException {
    URI address = URI.create("http://" + process.address("control") + order);
    HttpRequest request =
        HttpRequest.newBuilder(address).POST(HttpRequest.BodyPublishers.noBody()).build();
    long start = System.nanoTime();
    HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
    double seconds = (System.nanoTime() - start) / 1e9;
    if (answer.statusCode() != 200) {
      throw new IOException(order + " was answered " + answer.statusCode() + ": " + answer.body());
    }
    return seconds;
  }

  @Override
  public void close() {
    client.close();
    process.close();
  }
}
