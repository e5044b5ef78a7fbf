package dev.longshore.cli.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.cli.demo.GeneratedBlob;
import dev.longshore.cli.process.ExternalCommand;
import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.ImageManifest;
import dev.longshore.oci.MediaTypes;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.Tag;
import dev.longshore.oci.client.BlobSource;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.client.RegistryException;
import dev.longshore.origin.Origin;
import dev.longshore.origin.OriginConfig;
import dev.longshore.service.unit.DataSize;
import dev.longshore.service.unit.HostAndPort;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An origin on a disk of its own that pushes, or others, fill. */
@org.junit.jupiter.api.Tag("node")
class OriginFullDiskTest {
  private static final RepositoryName APP = new RepositoryName("team/app");
  private static final GeneratedBlob KEPT = new GeneratedBlob(4 << 20);
  private static final GeneratedBlob LARGE = new GeneratedBlob(96 << 20);
  private static final byte[] CONFIG = "{}".getBytes(StandardCharsets.UTF_8);

  /** What the file system may need for itself: directories and the log of the metadata. */
  private static final long SLACK = 3 << 20;

  @TempDir Path folder;

  private SmallDisk disk;
  private @Nullable Origin origin;

  @BeforeEach
  void start() throws Exception {
    disk = SmallDisk.mount(folder, "disk", 64 << 20);
  }

  @AfterEach
  void stop() throws Exception {
    if (origin != null) {
      origin.close();
    }
    disk.close();
  }

  @Test
  void push_largerThanTheDisk_is507AndLeavesNothing() throws Exception {
    startOrigin("8MiB");
    try (RegistryClient client = client(0);
        RegistryClient patching = client(LARGE.size() - 1)) {
      pushImage(client, "v1", KEPT);
      long free = disk.free();

      for (RegistryClient way : List.of(client, patching)) {
        assertFull(() -> way.pushBlob(APP, LARGE.digest(), LARGE, sent -> {}));
        assertThat(client.headBlob(APP, LARGE.digest())).isEmpty();
        assertThat(disk.free()).isGreaterThan(free - SLACK);
      }
      assertServed(client, "v1", KEPT);

      GeneratedBlob fits = new GeneratedBlob(16 << 20);
      pushImage(client, "v2", fits);
      assertServed(client, "v2", fits);
    }
  }

  @Test
  void skopeoCopy_largerThanTheDisk_failsSayingSoAndLeavesNothing() throws Exception {
    startOrigin("8MiB");
    Path image = TestImage.get().layout();
    long free = disk.free();

    ExternalCommand.Result copy =
        ExternalCommand.run(
            List.of(
                "skopeo",
                "copy",
                "--preserve-digests",
                "--retry-times",
                "0",
                "--dest-tls-verify=false",
                "oci:" + image,
                "docker://" + address() + "/team/app:v1"),
            Duration.ofMinutes(2));

    assertThat(copy.exitCode()).isNotZero();
    assertThat(copy.output()).contains("507 Insufficient Storage");
    assertThat(disk.free()).isGreaterThan(free - (20 << 20)); // the layers that fitted are there
    try (RegistryClient client = client(0)) {
      assertThatThrownBy(() -> client.fetchManifest(APP, new Tag("v1")))
          .isInstanceOfSatisfying(
              RegistryException.class, e -> assertThat(e.isNotFound()).isTrue());
      pushImage(client, "v2", KEPT);
      assertServed(client, "v2", KEPT);
    }
  }

  /** No reserve, and others fill the disk to its last block: also the metadata cannot grow. */
  @Test
  void push_lastBlockTakenByOthers_is507UntilThereIsRoomAgain() throws Exception {
    startOrigin("0B");
    try (RegistryClient client = client(0)) {
      pushImage(client, "v1", KEPT);
      GeneratedBlob blob = new GeneratedBlob(8 << 20);
      disk.fill();

      assertFull(() -> client.pushBlob(APP, blob.digest(), blob, sent -> {}));
      assertFull(() -> {
        for (int tag = 0; ; tag++) { // until the metadata's log needs a new block
          pushManifest(client, "full-" + tag, KEPT);
        }
      });
      assertThat(client.headBlob(APP, blob.digest())).isEmpty();
      assertServed(client, "v1", KEPT);

      disk.clear();
      pushImage(client, "v2", blob);
      assertServed(client, "v2", blob);
      List<String> tags = client.tags(APP);
      restart();
      try (RegistryClient again = client(0)) {
        assertThat(again.tags(APP)).isEqualTo(tags);
        assertServed(again, "v1", KEPT);
        assertServed(again, "v2", blob);
      }
    }
  }

  private void startOrigin(String reserve) throws Exception {
    origin =
        Origin.start(
            OriginConfig.inDirectory(disk.path().resolve("data"))
                .withReserve(DataSize.parse(reserve)));
  }

  private void restart() throws Exception {
    Objects.requireNonNull(origin).close();
    startOrigin("0B");
  }

  private HostAndPort address() {
    return Objects.requireNonNull(origin).address();
  }

  private RegistryClient client(long uploadChunk) {
    return RegistryClient.builder(URI.create("http://" + address()))
        .uploadChunk(uploadChunk)
        .build();
  }

  private static void assertFull(ThrowingCallable push) {
    assertThatThrownBy(push)
        .isInstanceOfSatisfying(RegistryException.class, e -> assertThat(e.status()).isEqualTo(507))
        .hasMessageContaining("INSUFFICIENT_STORAGE")
        .hasMessageContaining("full");
  }

  private static void pushImage(RegistryClient client, String tag, GeneratedBlob layer)
      throws IOException {
    client.pushBlob(APP, layer.digest(), layer, sent -> {});
    client.pushBlob(APP, Digest.sha256(CONFIG), BlobSource.ofBytes(CONFIG), sent -> {});
    pushManifest(client, tag, layer);
  }

  private static void pushManifest(RegistryClient client, String tag, GeneratedBlob layer)
      throws IOException {
    var _ =
        client.pushManifest(
            APP,
            new Tag(tag),
            ImageManifest.of(
                new Descriptor(MediaTypes.OCI_CONFIG, Digest.sha256(CONFIG), CONFIG.length),
                List.of(new Descriptor(MediaTypes.OCI_LAYER, layer.digest(), layer.size())),
                Map.of("tag", tag)));
  }

  private static void assertServed(RegistryClient client, String tag, GeneratedBlob layer)
      throws IOException {
    assertThat(client.headManifest(APP, new Tag(tag))).isPresent();
    try (InputStream in = client.openBlob(APP, layer.digest(), layer.size())) {
      assertThat(in.transferTo(OutputStream.nullOutputStream())).isEqualTo(layer.size());
    }
  }
}
