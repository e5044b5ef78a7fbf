package dev.longshore.cli.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.agent.Agent;
import dev.longshore.agent.AgentConfig;
import dev.longshore.cli.demo.DemoCluster;
import dev.longshore.cli.demo.GeneratedBlob;
import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.ImageManifest;
import dev.longshore.oci.MediaTypes;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.Tag;
import dev.longshore.oci.client.BlobSource;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.origin.Origin;
import dev.longshore.origin.OriginConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole agent on a disk of its own that is too small, or that others fill. */
@org.junit.jupiter.api.Tag("node")
class AgentFullDiskTest {
  private static final RepositoryName APP = new RepositoryName("team/app");
  private static final GeneratedBlob HELD = new GeneratedBlob(8 << 20);
  private static final GeneratedBlob FITS = new GeneratedBlob(16 << 20);
  private static final GeneratedBlob LARGE = new GeneratedBlob(96 << 20);
  private static final byte[] CONFIG = "{}".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  private final List<AutoCloseable> parts = new ArrayList<>(); // all can be closed twice
  private SmallDisk disk;
  private Origin origin;
  private Agent agent;

  @BeforeEach
  void start() throws Exception {
    disk = SmallDisk.mount(folder, "disk", 80 << 20);
    parts.add(disk);
    origin = Origin.start(OriginConfig.inDirectory(folder.resolve("origin")));
    parts.add(origin);
    try (RegistryClient client = RegistryClient.builder(originUrl()).build()) {
      client.pushBlob(APP, Digest.sha256(CONFIG), BlobSource.ofBytes(CONFIG), sent -> {});
      push(client, "held", HELD);
      push(client, "fits", FITS);
      push(client, "large", LARGE);
    }
    await().until(() -> origin.debug().toString().contains("pieceMapBacklog=0"));
    startAgent();
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable part : parts.reversed()) {
      part.close();
    }
  }

  @Test
  void pull_imageLargerThanTheDisk_comesFromTheSourceAndNothingIsGivenUpForIt() throws Exception {
    pull("held", HELD);
    awaitStored(HELD);

    pull("large", LARGE);
    assertThat(storedWhole()).contains(HELD.digest().toString());
    assertThat(disk.free()).isGreaterThan(FITS.size());

    pull("fits", FITS);
    awaitStored(FITS);
    origin.close();
    pullBlob(HELD);
    pullBlob(FITS);
  }

  @Test
  void pull_lastBlockTakenByOthers_comesFromTheSourceAndIsKeptAgainOnceThereIsRoom()
      throws Exception {
    pull("held", HELD);
    awaitStored(HELD);
    disk.fill();

    pullBlob(HELD);
    agent.close();
    startAgent();
    pullBlob(HELD);
    pull("large", LARGE);
    assertThat(storedWhole()).contains(HELD.digest().toString());

    disk.clear();
    pull("fits", FITS);
    awaitStored(FITS);
    pullBlob(HELD);
  }

  private void startAgent() throws Exception {
    AgentConfig config =
        AgentConfig.onFreePorts(
            disk.path().resolve("agent"),
            folder.resolve("origin").resolve("cluster.key.pub"),
            "--upstream=" + DemoCluster.REGISTRY + "=" + originUrl());
    agent = Agent.start(config, new SimpleMeterRegistry());
    parts.add(agent);
  }

  private URI originUrl() {
    return URI.create("http://" + origin.address());
  }

  private static void push(RegistryClient client, String tag, GeneratedBlob layer)
      throws IOException {
    client.pushBlob(APP, layer.digest(), layer, sent -> {});
    var _ =
        client.pushManifest(
            APP,
            new Tag(tag),
            ImageManifest.of(
                new Descriptor(MediaTypes.OCI_CONFIG, Digest.sha256(CONFIG), CONFIG.length),
                List.of(new Descriptor(MediaTypes.OCI_LAYER, layer.digest(), layer.size())),
                Map.of()));
  }

  /** The manifest by its tag, then the layer, checked. */
  private void pull(String tag, GeneratedBlob layer) throws IOException {
    try (RegistryClient client = mirror()) {
      assertThat(client.fetchManifest(APP, new Tag(tag)).bytes()).isNotEmpty();
    }
    pullBlob(layer);
  }

  private void pullBlob(GeneratedBlob layer) throws IOException {
    try (RegistryClient client = mirror();
        InputStream in = client.openBlob(APP, layer.digest(), layer.size())) {
      assertThat(in.transferTo(OutputStream.nullOutputStream())).isEqualTo(layer.size());
    }
  }

  private RegistryClient mirror() {
    return RegistryClient.builder(agent.mirror()).mirrorOf(DemoCluster.REGISTRY).build();
  }

  /** The last piece may be counted a moment after the client had it. */
  private void awaitStored(GeneratedBlob blob) {
    await().until(() -> storedWhole().contains(blob.digest().toString()));
  }

  private List<String> storedWhole() {
    return agent.debug().blobs().stream()
        .filter(blob -> blob.held() == blob.pieces())
        .map(blob -> blob.digest())
        .toList();
  }
}
