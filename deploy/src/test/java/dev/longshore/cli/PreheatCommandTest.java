package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.cli.admin.AdminEndpoint;
import dev.longshore.cli.cluster.TestCluster;
import dev.longshore.service.Daemon;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** {@code preheat} of members of a cluster in this process. */
class PreheatCommandTest {
  private static final byte[] LAYER = TestCluster.random(21, 12 << 20);
  private static final byte[] SMALL = TestCluster.random(22, 70_000);
  private static final String IMAGE = TestCluster.REGISTRY + "/team/app:v1";

  @TempDir Path folder;

  private TestCluster cluster;

  PreheatCommandTest(@TempDir Path shared) throws Exception {
    cluster = TestCluster.start(shared);
  }

  @BeforeEach
  void push() throws Exception {
    var _ = cluster.push("team/app", "v1", LAYER, SMALL);
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void preheat_agentsAndSeeder_haveEverythingBeforeItIsWanted() throws Exception {
    Daemon first = cluster.agent("first");
    Daemon second = cluster.agent("second");
    Daemon seeder = cluster.seeder("seeder");

    CommandRun run =
        CommandRun.of(
                "preheat",
                IMAGE,
                "--agents=" + TestCluster.admin(first) + "," + TestCluster.admin(second),
                "--seeder=" + TestCluster.admin(seeder),
                "--json")
            .succeeded();

    JsonNode result = run.result();
    assertThat(result.path("ok").asBoolean()).isTrue();
    assertThat(result.path("members"))
        .hasSize(3)
        .allSatisfy(member -> {
          assertThat(member.path("state").asString()).isEqualTo("done");
          assertThat(member.path("held").asLong()).isEqualTo(member.path("bytes").asLong());
          assertThat(member.path("bytes").asLong()).isGreaterThan(LAYER.length + SMALL.length);
        });
    assertThat(debug(seeder).path("wanted"))
        .isNotEmpty()
        .allSatisfy(wanted -> assertThat(wanted.path("state").asString()).isEqualTo("done"));
    JsonNode from =
        CommandRun.of(
                "pull",
                IMAGE,
                "--agent=" + TestCluster.mirror(second),
                "--output=oci:" + folder.resolve("copy"),
                "--json")
            .succeeded()
            .result()
            .path("from");
    assertThat(from.path("store").asLong())
        .as("%s", from)
        .isEqualTo(result.path("members").get(0).path("bytes").asLong());
  }

  @Test
  void preheat_oneMemberIsDead_namesItAndTheOthersAreDone() throws Exception {
    Daemon alive = cluster.agent("alive");
    String dead = "127.0.0.1:" + unusedPort();

    CommandRun run =
        CommandRun.of("preheat", IMAGE, "--agents=" + dead + "," + TestCluster.admin(alive))
            .failed();

    assertThat(run.err()).contains("1 of 2 members failed: " + dead);
    assertThat(run.out()).containsPattern(dead + " +failed: nobody answers at the admin address");
    assertThat(run.out()).containsPattern(TestCluster.admin(alive) + " +done in ");
    assertThat((run.out() + run.err()).replace("\n", "")).doesNotContainPattern("\\p{Cntrl}");
  }

  @Test
  void preheat_again_fetchesNothingMore() throws Exception {
    Daemon agent = cluster.agent("agent");
    CommandRun.of("preheat", IMAGE, "--agents", TestCluster.admin(agent)).succeeded();
    int transfers = downloads(agent).size();

    CommandRun.of("preheat", IMAGE, "--agents", TestCluster.admin(agent)).succeeded();

    assertThat(downloads(agent)).hasSize(transfers);
  }

  @Test
  void preheat_agentIsStartedAnewInTheMiddle_goesOnFromThere() throws Exception {
    Daemon slow = cluster.agent("agent", "--download-limit=4MiB/s");
    Process command =
        ChildCommand.start(
            folder.resolve("err"), "preheat", IMAGE, "--agents", TestCluster.admin(slow));
    await().atMost(Duration.ofSeconds(60)).until(() -> held(slow) > 3 << 20);
    command.destroyForcibly().waitFor();
    cluster.stop(slow);
    Daemon anew = cluster.agent("agent");

    CommandRun.of("preheat", IMAGE, "--agents", TestCluster.admin(anew)).succeeded();

    long fetched =
        downloads(anew).stream()
            .mapToLong(download ->
                download.path("fromSource").asLong() + download.path("fromPeers").asLong())
            .sum();
    assertThat(fetched).isLessThan(LAYER.length - (2 << 20));
    assertThat(held(anew)).isGreaterThan(LAYER.length + SMALL.length);
  }

  @Test
  void preheat_noSuchImage_saysWhatTheRegistrySaid() throws Exception {
    Daemon agent = cluster.agent("agent");
    Daemon seeder = cluster.seeder("seeder");

    CommandRun run =
        CommandRun.of(
                "preheat",
                TestCluster.REGISTRY + "/team/app:v9",
                "--agents=" + TestCluster.admin(agent),
                "--seeder=" + TestCluster.admin(seeder))
            .failed();

    assertThat(run.out().lines()).hasSize(2).allMatch(line -> line.contains("no tag v9"));
  }

  @Test
  void preheat_storeIsTooSmall_failsAndSaysSo() throws Exception {
    Daemon agent = cluster.agent("agent", "--quota=4MiB");

    CommandRun run =
        CommandRun.of("preheat", IMAGE, "--agents", TestCluster.admin(agent), "--json").failed();

    assertThat(run.result().path("ok").asBoolean(true)).isFalse();
    assertThat(run.result().path("members").get(0).path("problem").asString()).contains("quota");
  }

  @Test
  void preheat_privateImage_takesTheUsersLogin() throws Exception {
    try (TestCluster closed = TestCluster.startPrivate(folder.resolve("private"))) {
      var _ = closed.push("team/app", "v1", SMALL);
      Daemon agent = closed.agent("agent");
      Path auth = closed.writeLogin(folder.resolve("auth.json"));
      Path none = Files.writeString(folder.resolve("none.json"), "{}");

      CommandRun refused =
          CommandRun.of(
                  "preheat",
                  IMAGE,
                  "--agents=" + TestCluster.admin(agent),
                  "--registry-auth=" + none)
              .failed();
      assertThat(refused.out()).contains("401", "log in");

      CommandRun.of(
              "preheat", IMAGE, "--agents=" + TestCluster.admin(agent), "--registry-auth=" + auth)
          .succeeded();
    }
  }

  @Test
  void preheat_nobodyNamed_isAUsageError() {
    CommandRun run = CommandRun.of("preheat", IMAGE);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--agents HOST:PORT", "--seeder HOST:PORT");
  }

  @Test
  void preheat_addressOfAMirror_saysWhichAddressIsMeant() throws Exception {
    Daemon agent = cluster.agent("agent");
    Daemon tracker = cluster.tracker();

    CommandRun run =
        CommandRun.of(
                "preheat",
                IMAGE,
                "--agents=" + TestCluster.admin(tracker) + "," + mirrorAddress(agent))
            .failed();

    assertThat(run.out()).contains("is it the admin address of an agent or a seeder?");
  }

  @ParameterizedTest
  @CsvSource({
    "POST, text/plain, '{\"image\":\"a.b/c:v1\"}', 415, application/json",
    "POST, application/json, '{\"image\":\"UPPER CASE\"}', 400, not an image reference",
    "POST, application/json, '{\"picture\":\"a.b/c:v1\"}', 400, picture",
    "POST, application/json, '{\"image\":\"a.b/c:v1\",\"platform\":\"x\"}', 400, not a platform",
    "POST, application/json, 'nonsense', 400, not valid JSON",
    "POST, application/json, '', 400, not a JSON object",
    "POST, application/json, '[{\"image\":\"a.b/c:v1\"}]', 400, not a JSON object",
    "POST, application/json, '{\"image\":\"a.b/c:v1\"} {}', 400, not valid JSON",
    "POST, application/json, '{\"image\":\"a.b/c:v1\",\"image\":\"a.b/d\"}', 400, not valid JSON",
    "POST, application/json, '{}', 400, not an image reference",
    "POST, application/json, '{\"image\":null}', 400, image",
    "POST, application/json, '{\"image\":7}', 400, image",
    "POST, application/json, '{\"image\":true}', 400, image",
    "POST, application/json, '{\"image\":[\"a.b/c:v1\"]}', 400, image",
    "POST, application/json, '{\"image\":{\"image\":\"a.b/c:v1\"}}', 400, image",
    "POST, application/json, '{\"image\":\"a.b/c:v1\",\"platform\":[\"all\"]}', 400, platform",
    "POST, application/json, '{\"image\":\"127.0.0.1:1/c:v1\"}', 502, 127.0.0.1:1",
    "PUT, application/json, '{}', 405, only GET and POST",
  })
  void endpoint_wrongRequest_saysWhatWasExpected(
      String method, String type, String body, int status, String told) throws Exception {
    Daemon agent = cluster.agent("agent");

    HttpResponse<String> answer = send(agent, method, type, body);

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.body()).contains("\"error\"", told);
  }

  @Test
  void endpoint_requestTooLargeOrTooDeep_isRefused() throws Exception {
    Daemon agent = cluster.agent("agent");

    for (String image : List.of('"' + "x".repeat(20_000) + '"', "[".repeat(8_000))) {
      String body = "{\"image\":" + image + "}";
      assertThat(send(agent, "POST", "application/json", body).statusCode()).isEqualTo(400);
    }
    assertThat(new AdminEndpoint(TestCluster.address(agent, "admin")).get("/healthz").status())
        .isEqualTo(200);
  }

  @Test
  void endpoint_unknownDigest_is404AndTheListIsEmpty() throws Exception {
    AdminEndpoint admin = new AdminEndpoint(TestCluster.address(cluster.agent("agent"), "admin"));

    assertThat(admin.get("/api/v1/preheat?digest=sha256:00").status()).isEqualTo(404);
    assertThat(admin.get("/api/v1/preheat").body().path("images")).isEmpty();
  }

  private static HttpResponse<String> send(Daemon agent, String method, String type, String body)
      throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(
                  URI.create("http://" + TestCluster.admin(agent) + "/api/v1/preheat"))
              .header("Content-Type", type)
              .method(method, HttpRequest.BodyPublishers.ofString(body))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  private static List<JsonNode> downloads(Daemon agent) throws Exception {
    return StreamSupport.stream(debug(agent).path("downloads").spliterator(), false).toList();
  }

  private static long held(Daemon agent) throws Exception {
    return debug(agent).path("bytesHeld").asLong();
  }

  private static JsonNode debug(Daemon agent) throws Exception {
    return new AdminEndpoint(TestCluster.address(agent, "admin")).debug();
  }

  private static String mirrorAddress(Daemon agent) {
    return TestCluster.address(agent, "mirror").toString();
  }

  private static int unusedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
