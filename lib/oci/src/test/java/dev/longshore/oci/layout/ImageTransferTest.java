package dev.longshore.oci.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.DigestMismatchException;
import dev.longshore.oci.ImageIndex;
import dev.longshore.oci.ImageManifest;
import dev.longshore.oci.Platform;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.Tag;
import dev.longshore.oci.client.FakeRegistry;
import dev.longshore.oci.client.RegistryClient;
import dev.longshore.oci.client.RetryPolicy;
import dev.longshore.oci.layout.TransferListener.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageTransferTest {
  private static final RepositoryName APP = new RepositoryName("team/app");
  private static final Tag V1 = new Tag("v1");

  @TempDir private Path dir;
  private FakeRegistry registry;
  private RegistryClient client;
  private ImageLayout from;
  private ImageLayout to;

  /** Remembers outcomes and the furthest progress. */
  private static final class Recorder implements TransferListener {
    final Map<Digest, Outcome> outcomes = new ConcurrentHashMap<>();
    final Map<Digest, Long> progress = new ConcurrentHashMap<>();

    @Override
    public void progress(Descriptor blob, long done) {
      progress.merge(blob.digest(), done, Math::max);
    }

    @Override
    public void finished(Descriptor blob, Outcome outcome) {
      outcomes.put(blob.digest(), outcome);
    }
  }

  @BeforeEach
  void start() throws IOException {
    registry = new FakeRegistry();
    client =
        RegistryClient.builder(registry.uri())
            .retries(new RetryPolicy(2, Duration.ofMillis(1), Duration.ofMillis(5)))
            .build();
    from = ImageLayout.create(dir.resolve("from"));
    to = ImageLayout.create(dir.resolve("to"));
  }

  @AfterEach
  void stop() {
    client.close();
    registry.close();
  }

  private Digest push(Descriptor image, Recorder recorder) throws IOException {
    return new ImagePusher(client, 3).push(from, image, APP, V1, null, recorder);
  }

  private Descriptor pull(@Nullable Platform platform, Recorder recorder) throws IOException {
    return new ImagePuller(client, 3).pull(APP, V1, platform, to, "v1", recorder);
  }

  @Test
  void pushThenPull_multiPlatform_movesEverythingOnce() throws Exception {
    Descriptor index = SampleImage.writeMultiPlatform(from);
    Recorder pushed = new Recorder();
    assertThat(push(index, pushed)).isEqualTo(index.digest());
    assertThat(pushed.outcomes).hasSize(8).containsValue(Outcome.TRANSFERRED);
    assertThat(registry.seen.getLast().path()).endsWith("/manifests/v1");

    Recorder again = new Recorder();
    push(index, again);
    assertThat(again.outcomes.values()).containsOnly(Outcome.ALREADY_THERE);

    assertThat(pull(null, new Recorder()).digest()).isEqualTo(index.digest());
    try (Stream<Path> blobs = Files.list(dir.resolve("from/blobs/sha256"))) {
      for (Path blob : blobs.toList()) {
        assertThat(dir.resolve("to/blobs/sha256").resolve(blob.getFileName()))
            .hasSameBinaryContentAs(blob);
      }
    }
  }

  @Test
  void pull_onePlatform_takesOnlyIt() throws Exception {
    push(SampleImage.writeMultiPlatform(from), new Recorder());
    Recorder recorder = new Recorder();
    Descriptor image = pull(Platform.parse("linux/arm64"), recorder);
    assertThat(recorder.outcomes).hasSize(4);
    assertThat(to.manifest(image)).isInstanceOf(ImageManifest.class);
    assertThatThrownBy(() -> pull(Platform.parse("linux/s390x"), recorder))
        .hasMessageContaining("only for [linux/amd64, linux/arm64/v8]");
  }

  @Test
  void pull_brokenOff_goesOnWithWhatItHas() throws Exception {
    Descriptor image = SampleImage.write(from, 3);
    push(image, new Recorder());
    Descriptor layer = ((ImageManifest) from.manifest(image)).layers().getLast();
    byte[] content = Files.readAllBytes(from.path(layer.digest()));
    Path partial = to.partial(layer.digest());
    Files.write(partial, Arrays.copyOf(content, 1_500_000));
    registry.seen.clear();
    pull(null, new Recorder());
    assertThat(to.path(layer.digest())).hasBinaryContent(content);
    assertThat(partial).doesNotExist();
    assertThat(
            registry.seen.stream()
                .filter(seen -> seen.path().endsWith(layer.digest().toString()))
                .map(seen -> seen.header("Range").orElse("whole")))
        .containsExactly("bytes=1500000-1999999");
  }

  @Test
  void pull_damagedPartial_isFetchedWhole() throws Exception {
    Descriptor image = SampleImage.write(from, 3);
    push(image, new Recorder());
    Descriptor layer = ((ImageManifest) from.manifest(image)).layers().getLast();
    Files.write(to.partial(layer.digest()), new byte[1_500_000]);
    pull(null, new Recorder());
    assertThat(to.path(layer.digest())).hasSameBinaryContentAs(from.path(layer.digest()));
  }

  @Test
  void pull_cutForGood_keepsThePartialAndListsNothing() throws Exception {
    Descriptor image = SampleImage.write(from, 3);
    push(image, new Recorder());
    Descriptor layer = ((ImageManifest) from.manifest(image)).layers().getLast();
    String path = "/v2/" + APP + "/blobs/" + layer.digest();
    byte[] content = Files.readAllBytes(from.path(layer.digest()));
    registry.inject(exchange -> {
      if (!FakeRegistry.matches(exchange, "GET", path)) {
        return false;
      }
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content, 0, 900_000);
      exchange.getResponseBody().flush();
      exchange.close();
      return true;
    });
    registry.failOnce("GET", path, 403);
    assertThatThrownBy(() -> pull(null, new Recorder())).isInstanceOf(IOException.class);
    assertThat(to.index().manifests()).isEmpty();
    pull(null, new Recorder());
    assertThat(to.path(layer.digest())).hasBinaryContent(content);
  }

  @Test
  void pull_wrongBytes_failsAndKeepsNothing() throws Exception {
    Descriptor image = SampleImage.write(from, 3);
    push(image, new Recorder());
    Descriptor layer = ((ImageManifest) from.manifest(image)).layers().getLast();
    registry.blobs.put("/v2/" + APP + "/blobs/" + layer.digest(), new byte[2_000_000]);
    assertThatThrownBy(() -> pull(null, new Recorder()))
        .isInstanceOf(DigestMismatchException.class);
    assertThat(to.partial(layer.digest())).doesNotExist();
    assertThat(to.has(layer)).isFalse();
  }

  @Test
  void push_blobsInAnotherRepository_areMounted() throws Exception {
    Descriptor image = SampleImage.write(from, 3);
    push(image, new Recorder());
    Recorder recorder = new Recorder();
    new ImagePusher(client, 2).push(from, image, new RepositoryName("other"), V1, APP, recorder);
    assertThat(recorder.outcomes.values()).containsOnly(Outcome.MOUNTED).hasSize(4);
  }

  @Test
  void push_layerMissingInTheLayout_saysWhich() throws Exception {
    Descriptor image = SampleImage.write(from, 3);
    Descriptor layer = ((ImageManifest) from.manifest(image)).layers().getFirst();
    Files.delete(from.path(layer.digest()));
    assertThatThrownBy(() -> push(image, new Recorder()))
        .hasMessageContaining("lacks blob " + layer.digest());
    assertThat(registry.manifests).isEmpty();
  }

  @Test
  void push_oneBlobRefused_endsTheOthersAndPushesNoManifest() throws Exception {
    registry.failOnce("PUT", "/blobs/uploads/", 403);
    Descriptor image = SampleImage.write(from, 3);
    assertThatThrownBy(() -> push(image, new Recorder())).hasMessageContaining("403");
    assertThat(registry.manifests).isEmpty();
  }

  @Test
  void tree_endlessNesting_isRefused() {
    Descriptor self =
        new Descriptor("application/vnd.oci.image.index.v1+json", Digest.sha256(new byte[1]), 1);
    int[] depth = {0};
    assertThatThrownBy(() ->
            ImageTree.load(
                self,
                descriptor ->
                    ImageIndex.of(
                        List.of(
                            new Descriptor(
                                self.mediaType(), Digest.sha256(new byte[++depth[0] + 1]), 1)),
                        Map.of())))
        .hasMessageContaining("8 deep");
  }
}
