package dev.longshore.origin;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An origin as an operating system process, which can be killed. */
final class OriginProcess implements AutoCloseable {
  private final Process process;
  private final Path log;
  private final URI uri;

  private OriginProcess(Process process, Path log, URI uri) {
    this.process = process;
    this.log = log;
    this.uri = uri;
  }

  static OriginProcess start(Path data, Path scratch) throws IOException {
    Path ports = Files.createTempFile(scratch, "ports", "");
    Path log = Files.createTempFile(scratch, "origin", ".log");
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-XX:TieredStopAtLevel=1",
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path").replace("::", File.pathSeparator),
                    OriginMain.class.getName(),
                    "--listen=127.0.0.1:0",
                    "--admin=127.0.0.1:0",
                    "--data=" + data,
                    "--ports-file=" + ports))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    await()
        .atMost(Duration.ofSeconds(60))
        .failFast("the origin ended; see " + log, () -> !process.isAlive())
        .until(() -> Files.readString(ports).contains("listen="));
    String address =
        Files.readAllLines(ports).stream()
            .filter(line -> line.startsWith("listen="))
            .findFirst()
            .orElseThrow()
            .substring("listen=".length());
    return new OriginProcess(process, log, URI.create("http://" + address));
  }

  URI uri() {
    return uri;
  }

  String log() throws IOException {
    return Files.readString(log);
  }

  /** kill -9. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().completeOnTimeout(process, 30, TimeUnit.SECONDS).join();
    if (process.isAlive()) {
      kill();
    }
  }
}
