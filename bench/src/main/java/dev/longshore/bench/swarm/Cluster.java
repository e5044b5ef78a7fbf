package dev.longshore.bench.swarm;

import dev.longshore.bench.measure.ServerProcess;
import dev.longshore.service.unit.DataRate;
import dev.longshore.service.unit.HostAndPort;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An origin, a tracker, a seeder and agents, each a process of its own. */
final class Cluster implements AutoCloseable {
  static final String REGISTRY = "bench.longshore.test";
  private static final String ANY = "127.0.0.1:0";
  private static final String SENT = "longshore_origin_sent_bytes_total";

  private final Path folder;
  private final List<ServerProcess> all = new ArrayList<>();
  private final List<ServerProcess> agents = new ArrayList<>();
  private final List<URI> mirrors = new ArrayList<>();
  private Optional<ServerProcess> origin = Optional.empty();

  Cluster(Path folder) {
    this.folder = folder;
  }

  /** Starts everything; every member sends and receives at most {@code cap}. */
  void start(int count, DataRate cap) throws IOException, InterruptedException {
    ServerProcess source =
        daemon("origin", "origin", "origin.OriginMain", "--listen", ANY, "--data", data("origin"));
    origin = Optional.of(source);
    String upstream = REGISTRY + "=" + url(source.address("listen"));
    String key = data("origin") + "/cluster.key";
    String publicKey = key + ".pub";
    ServerProcess tracker =
        daemon(
            "tracker",
            "tracker",
            "tracker.TrackerMain",
            "--listen",
            ANY,
            "--cluster-key",
            publicKey);
    String[] member = {
      "--tracker", tracker.address("listen").toString(),
      "--upstream", upstream,
      "--peer", ANY,
      "--upload-limit", cap.toString(),
      "--download-limit", cap.toString()
    };
    daemon(
        "seeder",
        "seeder",
        "seeder.SeederMain",
        with(member, "--cluster-key", key, "--data", data("seeder")));
    for (int i = 1; i <= count; i++) {
      String name = "agent-" + i;
      String[] own = {"--cluster-key", publicKey, "--data", data(name), "--mirror", ANY};
      agents.add(daemon(name, "agent", "agent.AgentMain", with(member, own)));
    }
    for (ServerProcess process : all) {
      process.address("admin");
    }
    for (ServerProcess agent : agents) {
      mirrors.add(url(agent.address("mirror")));
    }
  }

  private ServerProcess daemon(String name, String kind, String main, String... flags)
      throws IOException {
    ServerProcess process =
        ServerProcess.startDaemon(
            name, kind, "dev.longshore." + main, folder, List.of(with(flags, "--admin", ANY)));
    all.add(process);
    return process;
  }

  private static String[] with(String[] some, String... more) {
    List<String> words = new ArrayList<>(List.of(some));
    words.addAll(List.of(more));
    return words.toArray(String[]::new);
  }

  private String data(String name) {
    return folder.resolve(name).toString();
  }

  private static URI url(HostAndPort address) {
    return URI.create("http://" + address);
  }

  private ServerProcess source() {
    return origin.orElseThrow(() -> new IllegalStateException("not started"));
  }

  URI origin() throws IOException, InterruptedException {
    return url(source().address("listen"));
  }

  List<ServerProcess> agents() {
    return agents;
  }

  List<URI> mirrors() {
    return mirrors;
  }

  /** Bytes of content that the origin has sent since it started. */
  double originSent() throws IOException, InterruptedException {
    URI page = url(source().address("admin")).resolve("/metrics");
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> metrics =
          client.send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString());
      return metrics
          .body()
          .lines()
          .filter(line -> line.startsWith(SENT))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .sum();
    }
  }

  @Override
  public void close() {
    all.reversed().forEach(ServerProcess::close);
  }
}
