package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.cli.admin.AdminEndpoint;
import dev.longshore.cli.cluster.TestCluster;
import dev.longshore.oci.Digest;
import dev.longshore.service.Daemon;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code status} of a cluster in this process. */
class StatusCommandTest {
  private static final byte[] LAYER = TestCluster.random(31, 16 << 20);
  private static final byte[] SMALL = TestCluster.random(32, 70_000);
  private static final String IMAGE = TestCluster.REGISTRY + "/team/app:v1";
  private static final Digest DIGEST = Digest.sha256(LAYER);

  @TempDir Path folder;

  private final TestCluster cluster;
  private Daemon agent;

  StatusCommandTest(@TempDir Path shared) throws Exception {
    cluster = TestCluster.start(shared);
    agent = cluster.agent("agent", "--quota=1GiB");
  }

  @BeforeEach
  void pull() throws Exception {
    var _ = cluster.push("team/app", "v1", LAYER, SMALL);
    CommandRun.of("preheat", IMAGE, "--agents=" + TestCluster.admin(agent)).succeeded();
    AdminEndpoint admin = new AdminEndpoint(TestCluster.address(cluster.tracker(), "admin"));
    await()
        .until(() ->
            stream(admin.get("/api/v1/members").body().path("members"))
                .anyMatch(member -> member.path("complete").asInt() == 3));
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private String tracker() {
    return "--tracker=" + TestCluster.admin(cluster.tracker());
  }

  private String agent() {
    return "--agent=" + TestCluster.admin(agent);
  }

  @Test
  void status_json_tellsMembersBlobsAndTheStore() {
    JsonNode status = CommandRun.of("status", tracker(), agent(), "--json").succeeded().result();

    JsonNode told = status.path("tracker");
    assertThat(told.path("memberCount").asInt()).isEqualTo(1);
    JsonNode member = told.path("members").get(0);
    assertThat(member.path("complete").asInt()).isEqualTo(3);
    assertThat(member.path("bytes").asLong()).isGreaterThan(LAYER.length + SMALL.length);
    assertThat(stream(told.path("blobs")).map(blob -> blob.path("blob").asString()))
        .contains(DIGEST.toString())
        .hasSize(3);
    assertThat(told.path("downloads")).isEmpty();
    JsonNode store = status.path("agent");
    assertThat(store.path("bytesHeld").asLong()).isGreaterThan(LAYER.length + SMALL.length);
    assertThat(store.path("quota").asLong()).isEqualTo(1 << 30);
    assertThat(store.path("diskFree").asLong()).isPositive();
    assertThat(store.path("downloads")).isEmpty();
  }

  @Test
  void status_forPeople_isTables() {
    CommandRun run = CommandRun.of("status", tracker(), agent()).succeeded();

    assertThat(run.out())
        .contains(
            "Tracker "
                + TestCluster.admin(cluster.tracker())
                + ": 1 member, 3 blobs, 1 piece map\n")
        .containsPattern(" MEMBER +ROLE +ZONE +BLOBS +WHOLE +PIECES +BYTES\n")
        .containsPattern(" 127\\.0\\.0\\.1:\\d+ +agent +- +3 +3 +\\d+ +16\\.8 MB\n")
        .containsPattern(
            DIGEST.toString().substring(0, 19)
                + " +16\\.8 MB +1 +1 +0 +registry\\.example/team/app")
        .contains("16.8 MB of a quota of 1.1 GB in 3 blobs (3 whole), 0 peers");
    assertThat(run.out().replace("\n", "")).doesNotContainPattern("\\p{Cntrl}");
  }

  @Test
  void status_ofADigest_tellsOnlyThat() {
    JsonNode status =
        CommandRun.of("status", tracker(), agent(), "--json", DIGEST.toString())
            .succeeded()
            .result();

    assertThat(status.path("named").asString()).isEqualTo(DIGEST.toString());
    assertThat(status.path("tracker").path("blobs")).hasSize(1);
    assertThat(status.path("agent").path("blobs")).hasSize(1);
    assertThat(status.path("agent").path("blobs").get(0).path("size").asLong())
        .isEqualTo(LAYER.length);
  }

  @Test
  void status_ofAReference_tellsTheBlobsOfTheImage() throws Exception {
    var _ = cluster.push("team/other", "v2", TestCluster.random(33, 1000));
    String mirror = "--mirror=" + TestCluster.mirror(agent);

    JsonNode status =
        CommandRun.of("status", tracker(), mirror, "--json", IMAGE).succeeded().result();
    assertThat(status.path("tracker").path("blobs")).hasSize(3);
    assertThat(status.path("agent").isNull()).isTrue();

    CommandRun other =
        CommandRun.of("status", tracker(), mirror, TestCluster.REGISTRY + "/team/other:v2")
            .succeeded();
    assertThat(other.out()).contains("no member has or wants any of it");

    JsonNode blob =
        CommandRun.of(
                "status", tracker(), mirror, "--json", TestCluster.REGISTRY + "/team/app@" + DIGEST)
            .succeeded()
            .result();
    assertThat(blob.path("tracker").path("blobs")).hasSize(1);
  }

  @Test
  void status_whileADownloadRuns_tellsItsShareAndRate() throws Exception {
    Daemon slow = cluster.agent("slow", "--download-limit=2MiB/s");
    Process download =
        ChildCommand.start(
            folder.resolve("err"), "preheat", IMAGE, "--agents=" + TestCluster.admin(slow));
    AdminEndpoint admin = new AdminEndpoint(TestCluster.address(slow, "admin"));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> admin.debug().path("bytesHeld").asLong() > 1 << 20);

    JsonNode status =
        CommandRun.of("status", tracker(), "--agent=" + TestCluster.admin(slow), "--json")
            .succeeded()
            .result();

    download.destroyForcibly().waitFor();
    JsonNode atAgent =
        stream(status.path("agent").path("downloads"))
            .filter(each -> each.path("digest").asString("").equals(DIGEST.toString()))
            .findFirst()
            .orElseThrow();
    assertThat(atAgent.path("held").asLong()).isBetween(1L, (long) LAYER.length);
    assertThat(atAgent.path("bytesPerSecond").asLong()).as("%s", atAgent).isPositive();
    assertThat(atAgent.path("fromPeers").asLong() + atAgent.path("fromSource").asLong())
        .isPositive();
    assertThat(stream(status.path("tracker").path("downloads")))
        .as("%s", status)
        .anySatisfy(each -> {
          assertThat(each.path("blob").asString("")).isEqualTo(DIGEST.toString());
          assertThat(each.path("held").asLong()).isLessThan(each.path("pieces").asLong());
        });
  }

  @Test
  void status_nobodyAnswers_saysWhomItAsked() {
    CommandRun run = CommandRun.of("status", "--tracker=127.0.0.1:1").failed();

    assertThat(run.err()).contains("nobody answers at the admin address http://127.0.0.1:1");
  }

  @Test
  void status_addressOfSomethingElse_saysWhatWasExpected() {
    String origin = cluster.originUrl().getAuthority();

    assertThat(CommandRun.of("status", "--tracker=" + origin).failed().err())
        .contains("expected a tracker at http://" + origin);
    assertThat(
            CommandRun.of("status", "--agent=" + TestCluster.admin(cluster.tracker()))
                .failed()
                .err())
        .contains("expected an agent at ");
  }

  @Test
  void status_wrongArguments_areUsageErrors() {
    assertThat(CommandRun.of("status", tracker(), "UPPER/Case").code()).isEqualTo(2);
    assertThat(CommandRun.of("status", "--tracker=nowhere").code()).isEqualTo(2);
  }

  @Test
  void endpoint_notADigest_is400() throws Exception {
    AdminEndpoint admin = new AdminEndpoint(TestCluster.address(cluster.tracker(), "admin"));

    assertThat(admin.get("/api/v1/swarms?blob=latest").status()).isEqualTo(400);
    assertThat(admin.get("/api/v1/swarms?blob=latest").error()).contains("latest");
    assertThat(admin.get("/api/v1/swarms?blob=" + Digest.sha256(new byte[7])).body().path("swarms"))
        .isEmpty();
  }

  private static Stream<JsonNode> stream(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false);
  }
}
