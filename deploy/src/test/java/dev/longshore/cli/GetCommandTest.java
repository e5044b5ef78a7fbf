package dev.longshore.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.longshore.cli.cluster.TestCluster;
import dev.longshore.oci.Digest;
import dev.longshore.service.Daemon;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code get} through the agent of a cluster in this process. */
class GetCommandTest {
  private static final byte[] LAYER = TestCluster.random(11, 20 << 20);
  private static final Digest DIGEST = Digest.sha256(LAYER);
  private static final String REPOSITORY = TestCluster.REGISTRY + "/team/app";

  @TempDir static Path shared;

  private static TestCluster cluster;
  private static Daemon agent;

  @TempDir Path folder;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = TestCluster.start(shared);
    var _ = cluster.push("team/app", "v1", LAYER);
    agent = cluster.agent("agent");
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  private CommandRun get(String... more) {
    return get(agent, more);
  }

  private CommandRun get(Daemon from, String... more) {
    List<String> words = new ArrayList<>(List.of("get"));
    words.addAll(List.of(more));
    words.addAll(List.of("--agent=" + TestCluster.mirror(from), "--output=" + file(), "--json"));
    return CommandRun.of(words.toArray(String[]::new));
  }

  private Path file() {
    return folder.resolve("layer");
  }

  private void assertWhole() throws Exception {
    assertThat(Files.readAllBytes(file())).isEqualTo(LAYER);
    assertThat(folder.resolve("layer.part")).doesNotExist();
  }

  @Test
  void get_everyFormOfName_isTheBlob() throws Exception {
    for (String[] named :
        new String[][] {
          {REPOSITORY + "@" + DIGEST},
          {REPOSITORY, "--digest=" + DIGEST},
          {REPOSITORY + ":v1", "--digest", DIGEST.toString()},
          {DIGEST.toString(), "--from", REPOSITORY},
          {cluster.originUrl() + "/v2/team/app/blobs/" + DIGEST},
        }) {
      Files.deleteIfExists(file());
      JsonNode result = get(named).succeeded().result();
      assertThat(result.path("digest").asString()).isEqualTo(DIGEST.toString());
      assertWhole();
    }
  }

  @Test
  void get_fileIsThereAlready_doesNothing() throws Exception {
    Files.write(file(), LAYER);

    JsonNode result = get(REPOSITORY + "@" + DIGEST).succeeded().result();

    assertThat(result.path("received").asLong(-1)).isZero();
    assertWhole();
  }

  @Test
  void get_otherFileIsThere_isReplacedWhenAllIsRight() throws Exception {
    Files.writeString(file(), "something else");

    get(REPOSITORY + "@" + DIGEST).succeeded();

    assertWhole();
  }

  @Test
  void get_killedInTheMiddle_goesOnFromThere() throws Exception {
    Daemon slow = cluster.agent("slow", "--download-limit=6MiB/s");
    Path partial = folder.resolve("layer.part");
    Process killed =
        ChildCommand.start(
            folder.resolve("err"),
            "get",
            REPOSITORY + "@" + DIGEST,
            "--agent=" + TestCluster.mirror(slow),
            "--output=" + file());
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> Files.exists(partial) && Files.size(partial) > 2_000_000);
    killed.destroyForcibly().waitFor();
    assertThat(file()).doesNotExist();
    long had = Files.size(partial);

    JsonNode result = get(slow, REPOSITORY + "@" + DIGEST).succeeded().result();

    assertThat(result.path("received").asLong()).isEqualTo(LAYER.length - had);
    assertWhole();
    cluster.stop(slow);
  }

  @Test
  void get_partialFileIsOfAnotherBlob_fetchesAllAnew() throws Exception {
    Files.write(folder.resolve("layer.part"), TestCluster.random(99, 1_000_000));

    JsonNode result = get(REPOSITORY + "@" + DIGEST).succeeded().result();

    assertThat(result.path("received").asLong()).isEqualTo(LAYER.length);
    assertWhole();
  }

  @Test
  void get_registrySendsOtherBytes_failsAndLeavesNoFile() throws Exception {
    byte[] wrong = LAYER.clone();
    wrong[wrong.length - 1] ^= 1;
    HttpServer registry =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    registry.createContext(
        "/",
        exchange -> {
          try (exchange) {
            boolean head = exchange.getRequestMethod().equals("HEAD");
            if (head) {
              exchange.getResponseHeaders().set("Content-Length", "" + wrong.length);
            }
            exchange.sendResponseHeaders(200, head ? -1 : wrong.length);
            if (!head) {
              exchange.getResponseBody().write(wrong);
            }
          }
        });
    registry.start();
    try {
      String url =
          "http://127.0.0.1:" + registry.getAddress().getPort() + "/v2/team/app/blobs/" + DIGEST;

      CommandRun got = CommandRun.of("get", "--direct", url, "--output=" + file()).failed();

      assertThat(got.err())
          .contains(DIGEST.toString(), "expected")
          .contains(Digest.sha256(wrong).toString());
    } finally {
      registry.stop(0);
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void get_unknownBlob_saysSo() {
    Digest unknown = Digest.sha256("nobody has this".getBytes(UTF_8));

    assertThat(get(REPOSITORY + "@" + unknown).failed().err())
        .contains(REPOSITORY + " has no blob " + unknown);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://example.com/some/file.tar",
        "https://example.com/v2/app/manifests/v1",
        "registry.example/team/app:v1",
        "sha256:0000000000000000000000000000000000000000000000000000000000000000",
        "sha256:00",
        "UPPER/Case",
      })
  void get_notABlob_isAUsageErrorThatSaysWhatIs(String named) {
    CommandRun run = get(named);

    assertThat(run.code()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).contains("longshore get --help").doesNotContain("\tat ");
  }

  @Test
  void get_plainUrl_saysWhyNot() {
    assertThat(get("https://example.com/file.tar").err())
        .contains("not a blob's URL", "by digest", "/v2/name/blobs/");
  }

  @Test
  void get_digestsThatDiffer_isAUsageError() {
    Digest other = Digest.sha256(new byte[1]);

    CommandRun run = get(REPOSITORY + "@" + DIGEST, "--digest=" + other);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains(other.toString());
  }

  @Test
  void get_outputIsAFolder_failsBeforeAnythingIsAsked() {
    CommandRun got = CommandRun.of("get", REPOSITORY + "@" + DIGEST, "--output=" + folder).failed();

    assertThat(got.err()).contains("is a folder");
  }
}
