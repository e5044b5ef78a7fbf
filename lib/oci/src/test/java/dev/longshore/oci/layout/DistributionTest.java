package dev.longshore.oci.layout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.ImageManifest;
import dev.longshore.oci.MediaTypes;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.Tag;
import dev.longshore.oci.client.BlobSource;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.client.RegistryException;
import dev.longshore.oci.client.RetryPolicy;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client against the registry that most others are measured by. */
@org.junit.jupiter.api.Tag("node")
final class DistributionTest {
  @TempDir private static Path shared;
  private static @Nullable DistributionServer server;

  @TempDir private Path dir;

  @BeforeAll
  static void start() throws IOException {
    assumeTrue(
        Files.isExecutable(DistributionServer.BINARY),
        "left out: Debian's docker-registry is not installed");
    server = DistributionServer.start(shared);
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  private static DistributionServer server() {
    return Objects.requireNonNull(server);
  }

  private static RegistryClient client(URI endpoint, long uploadChunk) {
    return RegistryClient.builder(endpoint)
        .retries(new RetryPolicy(8, Duration.ofMillis(20), Duration.ofMillis(200)))
        .uploadChunk(uploadChunk)
        .build();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 300_000})
  void image_pushedPulledListedDeleted(long chunk) throws Exception {
    RepositoryName app = new RepositoryName("whole/app" + chunk);
    ImageLayout from = ImageLayout.create(dir.resolve("from"));
    ImageLayout to = ImageLayout.create(dir.resolve("to"));
    Descriptor image = SampleImage.writeMultiPlatform(from);
    try (RegistryClient client = client(server().uri(), chunk)) {
      ImagePusher pusher = new ImagePusher(client, 3);
      pusher.push(from, image, app, new Tag("v1"), null, TransferListener.silent());
      pusher.push(from, image, app, new Tag("v2"), null, TransferListener.silent());
      assertThat(client.tags(app)).containsExactlyInAnyOrder("v1", "v2");
      Descriptor pulled =
          new ImagePuller(client, 3)
              .pull(app, new Tag("v2"), null, to, "v2", TransferListener.silent());
      assertThat(pulled.digest()).isEqualTo(image.digest());
      assertThat(client.headManifest(app, image.digest())).isPresent();
      assertThat(client.deleteManifest(app, image.digest())).isTrue();
      assertThat(client.headManifest(app, image.digest())).isEmpty();
      assertThatThrownBy(() -> client.fetchManifest(app, new Tag("v1")))
          .isInstanceOf(RegistryException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 5_000_000})
  void blob_pushedAndReadThroughCuts_arrivesWhole(long chunk) throws Exception {
    byte[] content = new byte[20_000_000];
    new Random(chunk + 1).nextBytes(content);
    Digest digest = Digest.sha256(content);
    RepositoryName app = new RepositoryName("cut/app" + chunk);
    try (CuttingProxy proxy = new CuttingProxy(server().port(), 3, 3_000_000);
        RegistryClient client = client(proxy.uri(), chunk)) {
      client.pushBlob(app, digest, BlobSource.ofBytes(content), sent -> {});
      assertThat(proxy.cutsLeft()).isZero();
      assertThat(client.headBlob(app, digest)).hasValue(content.length);
    }
    try (CuttingProxy proxy = new CuttingProxy(server().port(), 3, 3_000_000);
        RegistryClient client = client(proxy.uri(), chunk)) {
      try (InputStream in = client.openBlob(app, digest, content.length)) {
        assertThat(in.readAllBytes()).isEqualTo(content);
      }
      assertThat(proxy.cutsLeft()).isZero();
      try (InputStream in = client.openBlobRange(app, digest, 19_000_000, 500_000)) {
        assertThat(in.readAllBytes())
            .isEqualTo(Arrays.copyOfRange(content, 19_000_000, 19_500_000));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"source", "other/source"})
  void blob_mountedReferredTo_andRefusedWhenWrong(String source) throws Exception {
    RepositoryName from = new RepositoryName(source);
    RepositoryName app = new RepositoryName("mounted/" + source);
    byte[] content = source.getBytes(UTF_8);
    Digest digest = Digest.sha256(content);
    try (RegistryClient client = client(server().uri(), 0)) {
      client.pushBlob(from, digest, BlobSource.ofBytes(content), sent -> {});
      assertThat(client.mountBlob(app, digest, from)).isTrue();
      assertThatThrownBy(() ->
              client.pushBlob(
                  app, Digest.sha256(new byte[9]), BlobSource.ofBytes(content), sent -> {}))
          .isInstanceOf(RegistryException.class)
          .hasMessageContaining("DIGEST_INVALID");
      Descriptor config = new Descriptor(MediaTypes.OCI_CONFIG, digest, content.length);
      ImageManifest image = ImageManifest.of(config, List.of(), Map.of());
      client.pushManifest(app, new Tag("v1"), image);
      ImageManifest note =
          ImageManifest.of(
              config, List.of(), Map.of("a", "b"), "application/note", image.descriptor());
      client.pushManifest(app, note.digest(), note);
      // Distribution has no referrers API: the client keeps the referrers tag.
      assertThat(client.referrers(app, image.digest(), "application/note"))
          .containsExactly(note.referrerDescriptor());
    }
  }
}
