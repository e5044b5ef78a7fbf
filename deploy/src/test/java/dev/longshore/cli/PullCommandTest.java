package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.cli.cluster.TestCluster;
import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.layout.ImageLayout;
import dev.longshore.service.Daemon;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code pull} through the agents of a cluster in this process. */
class PullCommandTest {
  private static final byte[] LAYER = TestCluster.random(1, 12 << 20);
  private static final byte[] SMALL = TestCluster.random(2, 70_000);
  private static final String IMAGE = TestCluster.REGISTRY + "/team/app:v1";

  @TempDir static Path shared;

  private static TestCluster cluster;
  private static Daemon agent;
  private static ImageLayout pushed;

  @TempDir Path folder;

  @BeforeAll
  static void startCluster() throws Exception {
    cluster = TestCluster.start(shared);
    pushed = cluster.push("team/app", "v1", LAYER, SMALL);
    agent = cluster.agent("agent");
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  @Test
  void pull_json_isOneObjectALineAndAccountsForEveryByte() throws Exception {
    Daemon slow = cluster.agent("slow", "--download-limit=8MiB/s");
    Path copy = folder.resolve("copy");

    CommandRun pulled =
        CommandRun.of(
                "pull",
                IMAGE,
                "--agent",
                TestCluster.mirror(slow),
                "--output",
                "oci:" + copy,
                "--json")
            .succeeded();

    List<JsonNode> events = pulled.events();
    List<JsonNode> progress = events.subList(0, events.size() - 1);
    assertThat(progress)
        .isNotEmpty()
        .allSatisfy(event -> {
          assertThat(event.path("event").asString()).isEqualTo("progress");
          assertThat(event.path("done").asLong(-1)).isBetween(0L, event.path("bytes").asLong());
          assertThat(event.has("bytesPerSecond")).isTrue();
          assertThat(event.has("secondsLeft")).isTrue();
        });
    JsonNode result = events.getLast();
    assertThat(result.path("event").asString()).isEqualTo("result");
    assertThat(result.path("digest").asString())
        .isEqualTo(pushed.resolve("v1").digest().toString());
    long bytes = result.path("bytes").asLong();
    assertThat(bytes).isGreaterThan(LAYER.length + SMALL.length);
    assertThat(result.path("received").asLong()).isEqualTo(bytes);
    assertThat(sum(result.path("from"))).as("%s", result).isEqualTo(bytes);
    assertThat(result.path("from").path("store").asLong()).isZero();
    assertThat(result.path("blobs")).hasSize(3);
    assertThat(progress.size())
        .as("two progress events a second at most")
        .isLessThanOrEqualTo((int) (2 * result.path("seconds").asDouble()) + 1);
    assertThat(pulled.err()).isEmpty();
    cluster.stop(slow);
  }

  @Test
  void pull_secondAgent_getsBytesFromThePeer() throws Exception {
    pull(agent, "first");
    Daemon second = cluster.agent("second");

    JsonNode result = pull(second, "second").result();

    assertThat(result.path("from").path("peers").asLong()).as("%s", result).isPositive();
    assertThat(sum(result.path("from"))).isEqualTo(result.path("bytes").asLong());
    cluster.stop(second);
  }

  @Test
  void pull_agentHasEverything_saysItCameFromItsStore() {
    pull(agent, "before");

    JsonNode result = pull(agent, "after").result();

    assertThat(result.path("from").path("store").asLong())
        .as("%s", result)
        .isEqualTo(result.path("bytes").asLong());
  }

  @Test
  void pull_again_fetchesNothing() {
    pull(agent, "copy");

    JsonNode result = pull(agent, "copy").result();

    assertThat(result.path("received").asLong(-1)).isZero();
    assertThat(result.path("blobs").get(0).path("outcome").asString()).isEqualTo("already-there");
  }

  @Test
  void pull_partOfABlobIsThere_fetchesOnlyTheRest() throws Exception {
    Path copy = folder.resolve("cut");
    Path partial = copy.resolve(".partial");
    Files.createDirectories(partial);
    int had = 5_000_000;
    Files.write(
        partial.resolve(Digest.sha256(LAYER).toString().replace(':', '-')),
        Arrays.copyOf(LAYER, had));

    JsonNode result = pull(agent, "cut").result();

    assertThat(result.path("received").asLong()).isEqualTo(result.path("bytes").asLong() - had);
    assertThat(Files.readAllBytes(ImageLayout.open(copy).path(Digest.sha256(LAYER))))
        .isEqualTo(LAYER);
  }

  @Test
  void pull_noTerminal_printsPlainLinesAndTheDigest() throws Exception {
    Path copy = folder.resolve("plain");

    CommandRun pulled =
        CommandRun.of("pull", IMAGE, "--agent", TestCluster.mirror(agent), "-o", "oci:" + copy)
            .succeeded();

    assertThat(pulled.out()).isEqualTo(pushed.resolve("v1").digest() + "\n");
    assertThat(pulled.err().replace("\n", "")).isNotEmpty().doesNotContainPattern("\\p{Cntrl}");
    assertThat(pulled.err()).contains(" MB in ", " MB/s");
  }

  @Test
  void pull_privateRepository_takesTheLoginOfTheRegistryNotOfTheAgent() throws Exception {
    try (TestCluster closed = TestCluster.startPrivate(folder.resolve("private"))) {
      closed.push("team/app", "v1", SMALL);
      Daemon node = closed.agent("agent");
      Path auth = closed.writeLogin(folder.resolve("auth.json"));

      JsonNode result =
          CommandRun.of(
                  "pull",
                  IMAGE,
                  "--agent=" + TestCluster.mirror(node),
                  "--registry-auth=" + auth,
                  "--output=oci:" + folder.resolve("secret"),
                  "--json")
              .succeeded()
              .result();

      assertThat(sum(result.path("from"))).isEqualTo(result.path("bytes").asLong());
      assertThat(
              CommandRun.of(
                      "pull",
                      IMAGE,
                      "--agent=" + TestCluster.mirror(node),
                      "--registry-auth=" + Files.writeString(folder.resolve("none.json"), "{}"),
                      "--output=oci:" + folder.resolve("refused"))
                  .failed()
                  .err())
          .contains("401");
    }
  }

  @Test
  void pull_jsonFailure_isAnEventToo() {
    CommandRun pulled =
        CommandRun.of(
                "pull",
                TestCluster.REGISTRY + "/team/app:nope",
                "--agent=" + TestCluster.mirror(agent),
                "--output=oci:" + folder.resolve("no"),
                "--json")
            .failed();

    assertThat(pulled.result().path("event").asString()).isEqualTo("failed");
    assertThat(pulled.result().path("error").asString()).contains("nope");
  }

  @Test
  void pull_wrongArguments_areUsageErrors() {
    String output = "--output=oci:" + folder.resolve("x");
    for (String[] wrong :
        new String[][] {
          {"pull", IMAGE},
          {"pull", IMAGE, "--output=" + folder},
          {"pull", "UPPER/Case:v1", output},
          {"pull", IMAGE, output, "--agent=ftp://x"},
          {"pull", IMAGE, output, "--platform=linux"},
        }) {
      CommandRun run = CommandRun.of(wrong);
      assertThat(run.code()).as("%s: %s", Arrays.toString(wrong), run.err()).isEqualTo(2);
      assertThat(run.err()).contains("longshore pull --help").doesNotContain("\tat ");
    }
  }

  private CommandRun pull(Daemon from, String name) {
    CommandRun pulled =
        CommandRun.of(
                "pull",
                IMAGE,
                "--agent=" + TestCluster.mirror(from),
                "--output=oci:" + folder.resolve(name),
                "--json")
            .succeeded();
    assertThat(pulled.result().path("blobs")).hasSize(3);
    return pulled;
  }

  private static long sum(JsonNode from) {
    return from.path("peers").asLong()
        + from.path("seeders").asLong()
        + from.path("source").asLong()
        + from.path("store").asLong();
  }

  @Test
  void pull_layout_listsTheImageByItsTag() throws Exception {
    pull(agent, "named");

    Descriptor listed = ImageLayout.open(folder.resolve("named")).resolve("v1");

    assertThat(listed.digest()).isEqualTo(pushed.resolve("v1").digest());
  }
}
