package dev.longshore.cli.lazybench;

import dev.longshore.bench.measure.ServerProcess;
import dev.longshore.cli.node.PrivateContainerd;
import dev.longshore.service.Closer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** An agent, a snapshotter and a containerd that uses both. */
final class LazyNode implements AutoCloseable {
  private static final String ANY = "127.0.0.1:0";

  private final Closer opened;
  private final PrivateContainerd containerd;
  private final ServerProcess snapshotter;

  private LazyNode(Closer opened, PrivateContainerd containerd, ServerProcess snapshotter) {
    this.opened = opened;
    this.containerd = containerd;
    this.snapshotter = snapshotter;
  }

  /**
   * Starts them.
   *
   * @param origin the registry, by the way that the node has to it
   * @param how a setting of the snapshotter
   */
  static LazyNode start(
      Path folder, String registry, URI origin, Path clusterKey, String tracker, String how)
      throws IOException, InterruptedException {
    Closer opened = new Closer();
    try {
      ServerProcess agent =
          opened.register(
              ServerProcess.startDaemon(
                  "agent",
                  "agent",
                  "dev.longshore.agent.AgentMain",
                  folder,
                  List.of(
                      "--tracker",
                      tracker,
                      "--upstream",
                      registry + "=" + origin,
                      "--cluster-key",
                      clusterKey.toString(),
                      "--data",
                      folder.resolve("agent").toString(),
                      "--mirror",
                      ANY,
                      "--peer",
                      ANY,
                      "--admin",
                      ANY)));
      URI mirror = URI.create("http://" + agent.address("mirror"));
      ServerProcess snapshotter =
          opened.register(
              ServerProcess.startDaemon(
                  "snapshotter",
                  "snapshotter",
                  "dev.longshore.lazy.SnapshotterMain",
                  folder,
                  List.of(
                      "--socket",
                      folder.resolve("s.sock").toString(),
                      "--root",
                      folder.resolve("snap").toString(),
                      "--agent",
                      mirror.toString(),
                      how,
                      "--no-background-fill",
                      "--admin",
                      ANY)));
      var _ = snapshotter.address("admin");
      PrivateContainerd containerd =
          opened.register(PrivateContainerd.start(folder.resolve("c"), folder.resolve("s.sock")));
      containerd.useMirror(registry, mirror);
      return new LazyNode(opened, containerd, snapshotter);
    } catch (IOException | InterruptedException | RuntimeException e) {
      opened.closeAfter(e);
      throw e;
    }
  }

  PrivateContainerd containerd() {
    return containerd;
  }

  /** A figure of the snapshotter's metrics, all of its label values together. */
  double figure(String metric) throws IOException, InterruptedException {
    return figure(URI.create("http://" + snapshotter.address("admin") + "/metrics"), metric);
  }

  /** A figure of a page of metrics, all of its label values together. */
  static double figure(URI page, String metric) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request = HttpRequest.newBuilder(page).timeout(Duration.ofSeconds(10)).build();
      return client
          .send(request, HttpResponse.BodyHandlers.ofString())
          .body()
          .lines()
          .filter(line -> line.startsWith(metric + " ") || line.startsWith(metric + "{"))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .sum();
    }
  }

  /** Resident memory of the snapshotter, bytes. */
  long memory() throws IOException {
    return snapshotter.memory("VmRSS");
  }

  @Override
  public void close() throws IOException {
    opened.close();
  }
}
