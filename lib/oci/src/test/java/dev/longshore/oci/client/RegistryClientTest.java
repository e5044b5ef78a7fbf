package dev.longshore.oci.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.DigestMismatchException;
import dev.longshore.oci.ImageIndex;
import dev.longshore.oci.ImageManifest;
import dev.longshore.oci.Manifest;
import dev.longshore.oci.MediaTypes;
import dev.longshore.oci.OciError;
import dev.longshore.oci.RepositoryName;
import dev.longshore.oci.Tag;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class RegistryClientTest {
  private static final RepositoryName APP = new RepositoryName("team/app");
  private static final Tag V1 = new Tag("v1");
  private static final Descriptor CONFIG =
      new Descriptor(MediaTypes.OCI_CONFIG, Digest.sha256("{}".getBytes(UTF_8)), 2);
  private static final ImageManifest IMAGE = ImageManifest.of(CONFIG, List.of(), Map.of());

  private FakeRegistry registry;
  private RegistryClient client;

  @BeforeEach
  void start() throws IOException {
    registry = new FakeRegistry();
    client =
        RegistryClient.builder(registry.uri())
            .retries(new RetryPolicy(3, Duration.ofMillis(1), Duration.ofMillis(20)))
            .build();
  }

  @AfterEach
  void stop() {
    client.close();
    registry.close();
  }

  @Test
  void pushManifest_thenFetchByTagAndDigest_yieldsTheSameBytes() throws Exception {
    Digest digest = client.pushManifest(APP, V1, IMAGE);
    assertThat(digest).isEqualTo(IMAGE.digest());
    FetchedManifest byTag = client.fetchManifest(APP, V1);
    assertThat(byTag.bytes()).isEqualTo(IMAGE.bytes());
    assertThat(byTag.mediaType()).isEqualTo(MediaTypes.OCI_MANIFEST);
    assertThat(client.fetchManifest(APP, digest).parse()).isEqualTo(IMAGE);
    assertThat(client.headManifest(APP, V1))
        .contains(new Descriptor(MediaTypes.OCI_MANIFEST, digest, IMAGE.bytes().length));
  }

  @Test
  void fetchManifest_absent_saysWhatWasTriedAndWhatCameBack() {
    assertThatThrownBy(() -> client.fetchManifest(APP, V1))
        .isInstanceOfSatisfying(
            RegistryException.class,
            e -> {
              assertThat(e.status()).isEqualTo(404);
              assertThat(e.has(OciError.MANIFEST_UNKNOWN)).isTrue();
              assertThat(e.isNotFound()).isTrue();
            })
        .hasMessageContaining("GET " + registry.uri() + "/v2/team/app/manifests/v1")
        .hasMessageContaining("404 (MANIFEST_UNKNOWN");
  }

  @Test
  void headManifest_absent_isEmpty() throws Exception {
    assertThat(client.headManifest(APP, V1)).isEmpty();
  }

  @Test
  void fetchManifest_otherBytesThanTheDigest_isRefused() throws Exception {
    Digest digest = client.pushManifest(APP, V1, IMAGE);
    registry.manifests.put(
        "/v2/team/app/manifests/" + digest,
        new FakeRegistry.Stored(MediaTypes.OCI_MANIFEST, "{}".getBytes(UTF_8)));
    assertThatThrownBy(() -> client.fetchManifest(APP, digest))
        .isInstanceOf(DigestMismatchException.class);
  }

  @Test
  void fetchManifest_overTheBound_isRefused() {
    registry.manifests.put(
        "/v2/team/app/manifests/v1",
        new FakeRegistry.Stored(MediaTypes.OCI_MANIFEST, new byte[Manifest.MAX_BYTES + 1]));
    assertThatThrownBy(() -> client.fetchManifest(APP, V1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("at most 4194304 bytes");
  }

  @Test
  void fetchManifest_cutInTheBody_isTriedAgain() throws Exception {
    client.pushManifest(APP, V1, IMAGE);
    registry.inject(exchange -> {
      exchange.sendResponseHeaders(200, 500);
      exchange.getResponseBody().write('{');
      exchange.getResponseBody().flush();
      exchange.close();
      return true;
    });
    assertThat(client.fetchManifest(APP, V1).parse()).isEqualTo(IMAGE);
  }

  @Test
  void send_transientAnswers_areTriedAgainAndThenReported() throws Exception {
    registry.failOnce("GET", "/v2/", 500);
    registry.failOnce("GET", "/v2/", 429, "Retry-After", "1");
    client.ping();
    assertThat(registry.requests()).hasSize(3);
    for (int i = 0; i < 3; i++) {
      registry.failOnce("GET", "/v2/", 503);
    }
    assertThatThrownBy(client::ping)
        .isInstanceOfSatisfying(
            RegistryException.class, e -> assertThat(e.status()).isEqualTo(503));
  }

  @Test
  void ping_nobodyThere_saysWhere() {
    registry.close();
    assertThatThrownBy(client::ping)
        .isInstanceOf(RegistryUnreachableException.class)
        .hasMessageContaining("GET " + registry.uri() + "/v2/");
  }

  @Test
  void fetchManifest_silentServer_timesOut() throws Exception {
    CountDownLatch released = new CountDownLatch(1);
    try (RegistryClient impatient =
        RegistryClient.builder(registry.uri())
            .retries(RetryPolicy.NONE)
            .readTimeout(Duration.ofMillis(200))
            .build()) {
      registry.inject(exchange -> {
        exchange.sendResponseHeaders(200, 500);
        exchange.getResponseBody().write('{');
        exchange.getResponseBody().flush();
        awaitUninterruptibly(released);
        return true;
      });
      assertThatThrownBy(() -> impatient.fetchManifest(APP, V1))
          .isInstanceOf(RegistryUnreachableException.class)
          .hasMessageContaining("no byte arrived within 200 ms");
      released.countDown();
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void delete_presentAndAbsent_tellsWhich() throws Exception {
    client.pushManifest(APP, V1, IMAGE);
    assertThat(client.deleteManifest(APP, V1)).isTrue();
    assertThat(client.deleteManifest(APP, V1)).isFalse();
    registry.putBlob(APP, new byte[3]);
    assertThat(client.deleteBlob(APP, Digest.sha256(new byte[3]))).isTrue();
    assertThat(client.headBlob(APP, Digest.sha256(new byte[3]))).isEmpty();
  }

  @Test
  void tags_severalPages_areAllFollowed() throws Exception {
    registry.pageSize = 2;
    for (int i = 0; i < 5; i++) {
      client.pushManifest(APP, new Tag("t" + i), IMAGE);
    }
    assertThat(client.tags(APP)).containsExactly("t0", "t1", "t2", "t3", "t4");
  }

  @Test
  void tags_linkToAnotherHostOrInACircle_isRefused() {
    registry.failOnce("GET", "tags", 200, "Link", "<http://example.invalid/x>; rel=\"next\"");
    assertThatThrownBy(() -> client.tags(APP)).hasMessageContaining("stay at this registry");
    for (int i = 0; i < 2; i++) {
      registry.inject(exchange -> {
        exchange.getResponseHeaders().set("Link", "</v2/team/app/tags/list>; rel=next");
        FakeRegistry.reply(exchange, 200, "{\"tags\":null}".getBytes(UTF_8));
        return true;
      });
    }
    assertThatThrownBy(() -> client.tags(APP)).hasMessageContaining("circles");
  }

  @Test
  void referrers_registryWithoutTheApi_usesTheReferrersTag() throws Exception {
    registry.referrersApi = false;
    client.pushManifest(APP, V1, IMAGE);
    ImageManifest signature =
        ImageManifest.of(
            CONFIG, List.of(), Map.of("a", "b"), "application/sig", IMAGE.descriptor());
    client.pushManifest(APP, signature.digest(), signature);
    client.pushManifest(APP, signature.digest(), signature);
    List<Descriptor> referrers = client.referrers(APP, IMAGE.digest(), null);
    assertThat(referrers).containsExactly(signature.referrerDescriptor());
    assertThat(client.referrers(APP, IMAGE.digest(), "application/sig")).hasSize(1);
    assertThat(client.referrers(APP, IMAGE.digest(), "application/other")).isEmpty();
    assertThat(client.tags(APP)).contains("sha256-" + IMAGE.digest().hex());
  }

  @Test
  void referrers_registryThatDoesNotFilter_isFilteredHere() throws Exception {
    Descriptor a = CONFIG.withArtifactType("application/a");
    Descriptor b = IMAGE.descriptor().withArtifactType("application/b");
    registry.inject(exchange -> {
      exchange.getResponseHeaders().set("Content-Type", MediaTypes.OCI_INDEX);
      FakeRegistry.reply(exchange, 200, ImageIndex.of(List.of(a, b), Map.of()).bytes());
      return true;
    });
    assertThat(client.referrers(APP, IMAGE.digest(), "application/b")).containsExactly(b);
    assertThat(registry.seen.getFirst().query()).isEqualTo("artifactType=application%2Fb");
  }

  @Test
  void fetchExtension_presentAbsentAndTooLong() throws Exception {
    registry.extensions.put("/v2/team/app/_longshore/pieces/x", "map".getBytes(UTF_8));
    assertThat(client.fetchExtension(APP, "_longshore/pieces/x", 3).orElseThrow()).hasSize(3);
    assertThat(client.fetchExtension(APP, "_longshore/pieces/y", 3)).isEmpty();
    assertThatThrownBy(() -> client.fetchExtension(APP, "_longshore/pieces/x", 2))
        .hasMessageContaining("at most 2 bytes");
  }

  @Test
  void mirrorOf_everyRequest_saysTheNamespace() throws Exception {
    try (RegistryClient mirror =
        RegistryClient.builder(registry.uri()).mirrorOf("docker.io").build()) {
      mirror.headManifest(APP, V1);
    }
    assertThat(registry.seen.getFirst().query()).isEqualTo("ns=docker.io");
  }

  @Test
  void endpointOf_knowsDockerHubAndLoopback() {
    assertThat(RegistryClient.endpointOf("docker.io"))
        .isEqualTo(URI.create("https://registry-1.docker.io"));
    assertThat(RegistryClient.endpointOf("localhost:5000"))
        .isEqualTo(URI.create("http://localhost:5000"));
    assertThat(RegistryClient.endpointOf("example.com"))
        .isEqualTo(URI.create("https://example.com"));
  }
}
