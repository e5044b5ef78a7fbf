package dev.longshore.oci.layout;

import static org.awaitility.Awaitility.await;

import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.client.RetryPolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The CNCF distribution registry of Debian's {@code docker-registry}, as a subprocess. */
final class DistributionServer implements AutoCloseable {
  static final Path BINARY = Path.of("/usr/bin/docker-registry");

  private final Process process;
  private final int port;

  private DistributionServer(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  static DistributionServer start(Path dir) throws IOException {
    int port;
    // It cannot tell us a port that it chose itself, so we choose one that is free just now.
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = probe.getLocalPort();
    }
    Path config = dir.resolve("registry.yml");
    Files.writeString(
        config,
        """
        version: 0.1
        log: {level: error}
        storage:
          filesystem: {rootdirectory: %s}
          delete: {enabled: true}
        http: {addr: "127.0.0.1:%d"}
        """
            .formatted(dir.resolve("registry"), port));
    Process process =
        new ProcessBuilder(BINARY.toString(), "serve", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve("registry.log").toFile())
            .start();
    DistributionServer server = new DistributionServer(process, port);
    try (RegistryClient client =
        RegistryClient.builder(server.uri()).retries(RetryPolicy.NONE).build()) {
      await().atMost(Duration.ofSeconds(30)).ignoreExceptions().untilAsserted(client::ping);
    }
    return server;
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + port);
  }

  int port() {
    return port;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
