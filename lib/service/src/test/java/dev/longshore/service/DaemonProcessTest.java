package dev.longshore.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.service.unit.HostAndPort;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DaemonProcessTest {

  @TempDir Path folder;
  private @Nullable Process process;

  @AfterEach
  void kill() {
    if (process != null) {
      process.destroyForcibly();
    }
  }

  private Process launch(String... arguments) throws IOException {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                EchoDaemonMain.class.getName()));
    command.addAll(List.of(arguments));
    process =
        new ProcessBuilder(command)
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile())
            .start();
    return process;
  }

  private static int exitCode(Process process) throws InterruptedException {
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private String read(String name) throws IOException {
    return Files.readString(folder.resolve(name));
  }

  private Map<String, HostAndPort> awaitPorts() throws IOException {
    Path file = folder.resolve("ports");
    await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(file));
    return PortsFile.read(file);
  }

  @Test
  void run_sigterm_finishesRunningRequestsAndExitsZero() throws Exception {
    Process daemon = launch("--ports-file", folder.resolve("ports").toString(), "--delay", "700ms");
    var addresses = awaitPorts();
    assertThat(addresses.keySet()).containsExactlyInAnyOrder("listen", "admin");
    try (var http = HttpClient.newHttpClient()) {
      var slow =
          http.sendAsync(
              HttpRequest.newBuilder(URI.create("http://" + addresses.get("listen") + "/slow"))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      var debug =
          HttpRequest.newBuilder(URI.create("http://" + addresses.get("admin") + "/debug")).build();
      await()
          .until(() ->
              http.send(debug, HttpResponse.BodyHandlers.ofString())
                  .body()
                  .contains("\"connections\" : 1"));
      daemon.destroy(); // SIGTERM
      assertThat(slow.get(30, TimeUnit.SECONDS).body()).isEqualTo("/slow");
    }
    assertThat(exitCode(daemon)).isZero();
    assertThat(read("err"))
        .contains("echo is up: listen " + addresses.get("listen"))
        .contains("echo has stopped")
        .doesNotContain("Exception");
    assertThat(folder.resolve("ports")).doesNotExist();
  }

  @Test
  void run_unknownSetting_exitsTwoAndNamesTheNearest() throws Exception {
    assertThat(exitCode(launch("--lisen", "127.0.0.1:0"))).isEqualTo(2);
    assertThat(read("err"))
        .isEqualTo(
            """
            longshore echo: unknown setting --lisen; did you mean --listen?
            All settings: longshore echo --help
            """);
  }

  @Test
  void run_portInUse_exitsOneWithOneLine() throws Exception {
    try (var taken = new java.net.ServerSocket(0)) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      assertThat(exitCode(launch("--listen", address))).isEqualTo(1);
      assertThat(read("err").lines())
          .containsExactly(
              "longshore echo: cannot listen on "
                  + address
                  + " (--listen): another process is using it; stop that process (ss -ltnp 'sport ="
                  + " :"
                  + taken.getLocalPort()
                  + "' shows it) or choose another with --listen HOST:PORT");
    }
  }

  @Test
  void run_startFails_exitsOneWithItsLine() throws Exception {
    assertThat(exitCode(launch("--broken"))).isEqualTo(1);
    assertThat(read("err"))
        .isEqualTo("longshore echo: the echo is broken; start it without --broken\n");
  }

  @Test
  void run_help_exitsZeroAndShowsEverySetting() throws Exception {
    assertThat(exitCode(launch("--help"))).isZero();
    assertThat(Objects.requireNonNull(read("out")))
        .startsWith("Usage: longshore echo [settings]\n\nSays what it hears.\n")
        .contains("--listen HOST:PORT", "--ports-file PATH", "--log-level error|warn|info");
  }
}
