package dev.longshore.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longshore.agent.blob.TransferReport;
import dev.longshore.oci.Digest;
import dev.longshore.oci.MediaTypes;
import dev.longshore.piece.ClusterKey;
import dev.longshore.service.StartFailedException;
import dev.longshore.service.unit.HostAndPort;
import dev.longshore.tracker.Tracker;
import dev.longshore.tracker.TrackerConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole agents and a tracker in this process, over real sockets; only the registry is a fake. */
class AgentSwarmTest {
  private static final String REPO = "team/app";
  private static final String NAME = "registry.example";
  private static final byte[] BIG = random(1, 20 << 20);
  private static final byte[] MIDDLE = random(2, 3_333_333);
  private static final byte[] SMALL = random(3, 500);

  @TempDir Path folder;

  private final List<AutoCloseable> parts = new ArrayList<>();
  private final FakeRegistry registry;
  private final ClusterKey key;
  private Path publicKey;
  private Tracker tracker;

  AgentSwarmTest(@TempDir Path keys) throws Exception {
    registry = keep(new FakeRegistry());
    key = ClusterKey.loadOrCreate(keys.resolve("cluster.key"));
    publicKey = keys.resolve("cluster.key.pub");
    tracker =
        keep(
            Tracker.start(
                TrackerConfig.onFreePorts()
                    .withLeases(Duration.ofSeconds(5), Duration.ofMillis(50))));
  }

  @BeforeEach
  void pushImage() {
    registry.putImage(REPO, "v1", BIG, MIDDLE, SMALL);
    for (byte[] layer : List.of(BIG, MIDDLE, SMALL)) {
      registry.putPieces(REPO, layer, key);
    }
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable part : parts.reversed()) {
      part.close();
    }
  }

  private Agent agent(String name, String... more) throws Exception {
    List<String> flags = new ArrayList<>();
    flags.add("--tracker=" + tracker.listen());
    flags.add("--upstream=" + NAME + "=" + registry.uri());
    flags.addAll(List.of(more));
    AgentConfig config =
        AgentConfig.onFreePorts(folder.resolve(name), publicKey, flags.toArray(String[]::new));
    return keep(Agent.start(config, new SimpleMeterRegistry()));
  }

  @Test
  void pull_fourAgentsTogether_theSourceSendsTheImageAboutOnce() throws Exception {
    registry.pauseMillis = 5;
    List<Agent> agents = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      agents.add(agent("agent" + i));
    }
    try (ExecutorService containerds = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> pulls = new ArrayList<>();
      for (Agent agent : agents) {
        for (byte[] layer : List.of(BIG, MIDDLE, SMALL)) {
          pulls.add(containerds.submit(() -> assertPulls(agent, layer)));
        }
      }
      for (Future<?> pull : pulls) {
        pull.get();
      }
    }
    long image = (long) BIG.length + MIDDLE.length + SMALL.length;
    assertThat(registry.blobBytes()).isBetween(image, (long) (1.1 * image));
    for (Agent agent : agents) {
      await()
          .untilAsserted(() ->
              assertThat(agent.debug().downloads())
                  .hasSize(3)
                  .allMatch(report -> report.state().equals("complete"))
                  .allMatch(report ->
                      report.fromSource() + report.fromSeeders() + report.fromPeers()
                          == report.size()));
    }
    assertThat(agents.stream().mapToLong(agent -> fromPeers(agent)).sum()).isGreaterThan(2 * image);
  }

  @Test
  void manifest_ofSmallLayers_theirBlobsComeWithoutBeingAskedForAndOnce() throws Exception {
    byte[][] layers = new byte[40][];
    for (int i = 0; i < layers.length; i++) {
      layers[i] = random(100 + i, 20_000);
    }
    Digest manifest = registry.putImage(REPO, "small", layers);
    List<Agent> agents = List.of(agent("a"), agent("b"), agent("c"));
    for (Agent agent : agents) {
      assertServesManifest(agent, REPO, manifest);
    }
    for (Agent agent : agents) {
      await()
          .untilAsserted(() ->
              assertThat(agent.debug().downloads())
                  .hasSize(layers.length + 1)
                  .allMatch(report -> report.state().equals("complete")));
    }
    assertThat(registry.count("GET", "/blobs/")).isEqualTo(layers.length + 1);
    assertThat(registry.count("GET", "/_longshore/pieces/")).isZero();
    registry.down = true;
    for (Agent agent : agents) {
      for (byte[] layer : layers) {
        assertPulls(agent, layer);
      }
    }
  }

  @Test
  void manifest_byDigestOnAllNodes_theRegistryIsAskedForItOnce() throws Exception {
    Digest digest = registry.putImage(REPO, "shared", random(300, 100));
    byte[] expected = null;
    for (String name : List.of("a", "b", "c")) {
      try (MirrorClient client = new MirrorClient(agent(name).mirror(), NAME)) {
        assertThat(client.head("/v2/" + REPO + "/manifests/shared").statusCode()).isEqualTo(200);
        var answer = client.get("/v2/" + REPO + "/manifests/" + digest);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(Digest.sha256(answer.body())).isEqualTo(digest);
        assertThat(answer.headers().firstValue("content-type")).hasValue(MediaTypes.OCI_MANIFEST);
        expected = answer.body();
      }
    }
    assertThat(expected).isNotEmpty();
    assertThat(registry.count("GET", "/manifests/" + digest)).isEqualTo(1);
    assertThat(registry.count("HEAD", "/manifests/shared")).isEqualTo(3);
  }

  @Test
  void manifest_privateAndHeldByAPeer_isGivenToNobodyWithoutRights() throws Exception {
    Digest digest = registry.putImage("team/secret", "v1", random(400, 100));
    registry.makePrivate("team/secret", "Basic right");
    Agent holder = agent("holder");
    Agent other = agent("other");
    String byTag = "/v2/team/secret/manifests/v1";
    String byDigest = "/v2/team/secret/manifests/" + digest;
    try (MirrorClient first = new MirrorClient(holder.mirror(), NAME);
        MirrorClient second = new MirrorClient(other.mirror(), NAME)) {
      assertThat(first.head(byTag, "Authorization", "Basic right").statusCode()).isEqualTo(200);
      assertThat(first.get(byDigest, "Authorization", "Basic right").statusCode()).isEqualTo(200);
      assertThat(second.get(byDigest).statusCode()).isEqualTo(401);
      assertThat(second.get(byDigest, "Authorization", "Basic wrong").statusCode()).isEqualTo(401);
      // Known from another repository: that a member has the bytes makes nobody's right of it.
      assertThat(second.head("/v2/" + REPO + "/manifests/v1").statusCode()).isEqualTo(200);
      assertThat(second.get("/v2/" + REPO + "/manifests/" + digest).statusCode()).isEqualTo(404);
      assertThat(second.head(byTag, "Authorization", "Basic right").statusCode()).isEqualTo(200);
      assertThat(second.get(byDigest, "Authorization", "Basic right").statusCode()).isEqualTo(200);
      assertThat(second.get(byDigest, "Authorization", "Basic wrong").statusCode()).isEqualTo(401);
    }
  }

  @Test
  void manifest_thatLiesAboutSizes_costsNobodyAPeer() throws Exception {
    byte[] small = random(200, 20_000);
    registry.putBlob(REPO, small);
    Agent holder = agent("holder");
    assertPulls(holder, small);
    assertPulls(holder, MIDDLE);
    registry.putBlob("team/liar", small);
    registry.putBlob("team/liar", MIDDLE);
    String lie =
        """
        {"schemaVersion":2,"config":{"mediaType":"x/y","digest":"%s","size":7},\
        "layers":[{"mediaType":"x/y","digest":"%s","size":8}]}\
        """
            .formatted(Digest.sha256(small), Digest.sha256(MIDDLE));
    Digest manifest = registry.putManifest("team/liar", "lie", lie);
    Agent deceived = agent("deceived", "--stall-timeout=500ms");
    assertServesManifest(deceived, "team/liar", manifest);
    for (long size : new long[] {7, 8}) {
      await()
          .untilAsserted(() ->
              assertThat(deceived.debug().downloads())
                  .anyMatch(report -> report.size() == size && !report.state().equals("running")));
    }
    for (Agent agent : List.of(holder, deceived)) {
      assertThat(agent.debug().swarm())
          .asInstanceOf(InstanceOfAssertFactories.MAP)
          .containsEntry("bans", 0);
    }
    assertPulls(deceived, MIDDLE);
    assertThat(fromPeers(deceived)).isEqualTo(MIDDLE.length);
    assertPulls(deceived, small);
    assertPulls(holder, small);
  }

  @Test
  void pull_upstreamDown_comesFromTheAgentThatHasIt() throws Exception {
    Agent first = agent("first");
    assertPulls(first, MIDDLE);
    Agent second = agent("second");
    assertPulls(second, SMALL); // so that it knows the repository and that it is public
    try (MirrorClient client = new MirrorClient(second.mirror(), NAME)) {
      assertThat(client.get("/v2/" + REPO + "/manifests/v1").statusCode()).isEqualTo(200);
    }
    registry.down = true;
    assertPulls(second, MIDDLE);
    await()
        .untilAsserted(() ->
            assertThat(fromPeers(second))
                .as("%s", second.debug().downloads())
                .isEqualTo(MIDDLE.length));
  }

  @Test
  void restart_agentThatHasBlobs_servesThemToOthersAgain() throws Exception {
    Agent first = agent("first");
    assertPulls(first, MIDDLE);
    parts.remove(first);
    first.close();
    agent("first");
    Agent second = agent("second");
    long before = registry.blobBytes();
    assertPulls(second, MIDDLE);
    assertThat(fromPeers(second)).isGreaterThan(MIDDLE.length / 2);
    assertThat(registry.blobBytes() - before).isLessThan(MIDDLE.length / 2);
  }

  @Test
  void start_withoutTheClusterKey_saysWhereToFindIt() {
    AgentConfig config =
        AgentConfig.onFreePorts(folder.resolve("x"), folder.resolve("no-such.pub"));
    assertThatThrownBy(() -> Agent.start(config, new SimpleMeterRegistry()))
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("does not exist")
        .hasMessageContaining("DATA/cluster.key.pub");
  }

  @Test
  void start_peerPortInUse_saysSoAndFreesTheStore() throws Exception {
    Agent first = agent("first");
    HostAndPort taken = first.addresses().get("peer");
    assertThat(taken).isNotNull();
    AgentConfig free = AgentConfig.onFreePorts(folder.resolve("second"), publicKey);
    AgentConfig clash =
        new AgentConfig(
            free.mirror(),
            taken,
            free.advertise(),
            free.tracker(),
            free.upstream(),
            free.data(),
            free.zone(),
            free.uploadLimit(),
            free.downloadLimit(),
            free.admin(),
            free.clusterKey(),
            free.quota(),
            free.staleTags(),
            free.seederWait(),
            free.stallTimeout(),
            free.transport());
    assertThatThrownBy(() -> Agent.start(clash, new SimpleMeterRegistry()))
        .hasMessageContaining(String.valueOf(taken.port()));
    keep(Agent.start(free, new SimpleMeterRegistry())); // the same folder can be opened at once
    assertThat(Files.isDirectory(folder.resolve("second"))).isTrue();
  }

  private void assertPulls(Agent agent, byte[] layer) {
    try (MirrorClient client = new MirrorClient(agent.mirror(), NAME)) {
      assertThat(client.blob(REPO, Digest.sha256(layer))).isEqualTo(layer);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertServesManifest(Agent agent, String repository, Digest digest)
      throws Exception {
    try (MirrorClient client = new MirrorClient(agent.mirror(), NAME)) {
      assertThat(client.get("/v2/" + repository + "/manifests/" + digest).statusCode())
          .isEqualTo(200);
    }
  }

  private static long fromPeers(Agent agent) {
    return agent.debug().downloads().stream().mapToLong(TransferReport::fromPeers).sum();
  }

  private <T extends AutoCloseable> T keep(T part) {
    parts.add(part);
    return part;
  }

  private static byte[] random(long seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
