package dev.longshore.bench.cluster;

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
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** An origin, a tracker, a seeder and agents, each a process of its own. */
public final class Cluster implements AutoCloseable {
  public static final String REGISTRY = "bench.longshore.test";
  private static final String ANY = "127.0.0.1:0";
  private static final String SENT = "longshore_origin_sent_bytes_total";
  private static final String REQUESTS = "longshore_origin_requests_total";
  private static final String BACKLOG = "longshore_origin_piece_map_backlog";

  /** The way from the members to the origin, which may be longer or narrower than loopback is. */
  @FunctionalInterface
  public interface WayToOrigin {
    HostAndPort lead(HostAndPort origin) throws IOException;
  }

  private final Path folder;
  private final List<ServerProcess> all = new ArrayList<>();
  private final List<ServerProcess> agents = new ArrayList<>();
  private final List<URI> mirrors = new ArrayList<>();
  private Optional<ServerProcess> origin = Optional.empty();

  public Cluster(Path folder) {
    this.folder = folder;
  }

  /** Starts everything; every member sends and receives at most {@code cap}. */
  public void start(int count, DataRate cap, WayToOrigin way)
      throws IOException, InterruptedException {
    start(count, way, List.of("--upload-limit", "--download-limit"), cap.toString());
  }

  /** Starts everything without caps; members reach the origin this way. */
  public void start(int count, WayToOrigin way) throws IOException, InterruptedException {
    start(count, way, List.of("--upload-limit"), "1000GB/s");
  }

  private void start(int count, WayToOrigin way, List<String> limits, String rate)
      throws IOException, InterruptedException {
    ServerProcess source =
        daemon("origin", "origin", "origin.OriginMain", "--listen", ANY, "--data", data("origin"));
    origin = Optional.of(source);
    String upstream = REGISTRY + "=" + url(way.lead(source.address("listen")));
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
      "--tracker", tracker.address("listen").toString(), "--upstream", upstream, "--peer", ANY
    };
    for (String limit : limits) {
      member = with(member, limit, rate);
    }
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

  public URI origin() throws IOException, InterruptedException {
    return url(source().address("listen"));
  }

  public List<ServerProcess> agents() {
    return agents;
  }

  public List<URI> mirrors() {
    return mirrors;
  }

  /** Bytes of content that the origin has sent since it started. */
  public double originSent() throws IOException, InterruptedException {
    return sum(SENT);
  }

  /** Blobs at the origin that have no piece map yet. */
  public double mapsToMake() throws IOException, InterruptedException {
    return sum(BACKLOG);
  }

  private double sum(String metric) throws IOException, InterruptedException {
    return originMetrics()
        .lines()
        .filter(line -> line.startsWith(metric))
        .mapToDouble(Cluster::value)
        .sum();
  }

  /** Requests that the origin has answered since it started, by route. */
  public Map<String, Double> originRequests() throws IOException, InterruptedException {
    Map<String, Double> byRoute = new TreeMap<>();
    originMetrics()
        .lines()
        .filter(line -> line.startsWith(REQUESTS))
        .forEach(line ->
            byRoute.merge(
                line.replaceAll(".*route=\"([^\"]*)\".*", "$1"), value(line), Double::sum));
    return byRoute;
  }

  private static double value(String line) {
    return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
  }

  private String originMetrics() throws IOException, InterruptedException {
    URI page = url(source().address("admin")).resolve("/metrics");
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  @Override
  public void close() {
    all.reversed().forEach(ServerProcess::close);
  }
}
