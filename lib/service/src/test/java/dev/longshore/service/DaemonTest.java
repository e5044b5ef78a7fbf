package dev.longshore.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longshore.service.EchoDaemonMain.EchoConfig;
import dev.longshore.service.EchoDaemonMain.EchoService;
import dev.longshore.service.net.ListenFailedException;
import dev.longshore.service.settings.Settings;
import dev.longshore.service.unit.HostAndPort;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakWatch.class)
final class DaemonTest {

  private final HttpClient http = HttpClient.newHttpClient();

  @AfterEach
  void closeClient() {
    http.close();
  }

  private HttpResponse<String> get(HostAndPort at, String path)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://" + at + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static HostAndPort at(Daemon daemon, String name) {
    HostAndPort address = daemon.addresses().get(name);
    assertThat(address).isNotNull();
    return java.util.Objects.requireNonNull(address);
  }

  @Test
  void start_inProcess_servesAndAdministers() throws Exception {
    var service = new AtomicReference<EchoService>();
    try (var daemon =
        Daemon.start(
            "echo",
            Settings.load(EchoConfig.class),
            DaemonSettings.defaults(),
            (config, metrics) -> {
              service.set(new EchoService(config, metrics));
              return service.get();
            })) {
      HostAndPort admin = at(daemon, "admin");
      assertThat(get(at(daemon, "listen"), "/hello").body()).isEqualTo("/hello");
      assertThat(get(admin, "/healthz").body()).isEqualTo("ok\n");
      assertThat(get(admin, "/readyz").statusCode()).isEqualTo(200);
      assertThat(get(admin, "/debug").body()).contains("\"connections\"");
      assertThat(get(admin, "/nothing").statusCode()).isEqualTo(404);
      assertThat(get(admin, "/nothing").body()).contains("/debug", "/api/v1/echo");
      assertThat(get(admin, "/").body()).contains("/metrics\n", "/api/v1/echo\n");
      assertThat(get(admin, "/metrics").body())
          .contains("jvm_memory_used_bytes")
          .contains("process_files_open_files")
          .contains("longshore_http_responses_total{class=\"2xx\",server=\"echo\"} 1.0");

      service.get().notReady = List.of("no tracker answers");
      var notReady = get(admin, "/readyz");
      assertThat(notReady.statusCode()).isEqualTo(503);
      assertThat(notReady.body()).isEqualTo("no tracker answers\n");
    }
  }

  @Test
  void adminPaths_anyMethod_isTheServicesToAnswer() throws Exception {
    try (var daemon =
        Daemon.start(
            "echo", Settings.load(EchoConfig.class), DaemonSettings.defaults(), EchoService::new)) {
      HttpRequest post =
          HttpRequest.newBuilder(URI.create("http://" + at(daemon, "admin") + "/api/v1/echo"))
              .POST(HttpRequest.BodyPublishers.ofString("{}"))
              .build();

      HttpResponse<String> answer = http.send(post, HttpResponse.BodyHandlers.ofString());

      assertThat(answer.statusCode()).isEqualTo(202);
      assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
      assertThat(answer.body()).contains("\"method\" : \"POST\"");
    }
  }

  @Test
  void readyz_whileStarting_saysSo() throws Exception {
    // The admin endpoint is there before the service is: a fixed port would race, so look from
    // inside the start, through the registry the endpoint serves.
    var seen = new AtomicReference<String>();
    HostAndPort admin = freePort();
    var config = Settings.load(EchoConfig.class, "--admin", admin.toString());
    try (var daemon =
        Daemon.start(
            "echo",
            config,
            DaemonSettings.defaults(),
            (c, metrics) -> {
              seen.set(get(admin, "/readyz").body());
              return new EchoService(c, metrics);
            })) {
      assertThat(daemon.addresses()).containsKeys("listen", "admin");
      assertThat(seen.get()).isEqualTo("starting\n");
    }
  }

  private static HostAndPort freePort() throws IOException {
    try (var socket = new java.net.ServerSocket(0)) {
      return new HostAndPort("127.0.0.1", socket.getLocalPort());
    }
  }

  @Test
  void start_portInUse_namesTheSettingAndFreesTheRest() throws Exception {
    try (var first = start()) {
      HostAndPort taken = at(first, "listen");
      assertThatThrownBy(() -> start("--listen", taken.toString()))
          .isInstanceOf(ListenFailedException.class)
          .hasMessageStartingWith("cannot listen on " + taken + " (--listen): another process");
      assertThatThrownBy(() -> start("--admin", taken.toString()))
          .hasMessageContaining("(--admin)");
    }
  }

  private static Daemon start(String... arguments) throws Exception {
    return Daemon.start(
        "echo",
        Settings.load(EchoConfig.class, arguments),
        DaemonSettings.defaults(),
        EchoService::new);
  }

  @Test
  void close_leavesNoThreads() throws Exception {
    try (var daemon = start()) {
      assertThat(get(at(daemon, "listen"), "/").statusCode()).isEqualTo(200);
      assertThat(get(at(daemon, "admin"), "/metrics").statusCode()).isEqualTo(200);
      assertThat(ourThreads()).isNotEmpty();
    }
    await().untilAsserted(() -> assertThat(ourThreads()).isEmpty());
  }

  private static List<String> ourThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("admin-") || name.startsWith("echo-"))
        .toList();
  }
}
