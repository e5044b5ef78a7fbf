package dev.longshore.oci.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.oci.Digest;
import dev.longshore.oci.DigestMismatchException;
import dev.longshore.oci.OciError;
import dev.longshore.oci.RepositoryName;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BlobTransferTest {
  private static final RepositoryName APP = new RepositoryName("team/app");
  private static final byte[] BLOB = new byte[3_000_000];
  private static final Digest DIGEST;

  static {
    new Random(7).nextBytes(BLOB);
    DIGEST = Digest.sha256(BLOB);
  }

  private FakeRegistry registry;
  private RegistryClient client;

  @BeforeEach
  void start() throws IOException {
    registry = new FakeRegistry();
    client = client(0);
  }

  private RegistryClient client(long uploadChunk) {
    return RegistryClient.builder(registry.uri())
        .retries(new RetryPolicy(4, Duration.ofMillis(1), Duration.ofMillis(20)))
        .uploadChunk(uploadChunk)
        .build();
  }

  @AfterEach
  void stop() {
    client.close();
    registry.close();
  }

  @Test
  void openBlob_severalCuts_areBridgedByRanges() throws Exception {
    registry.putBlob(APP, BLOB);
    CountDownLatch opened = new CountDownLatch(1);
    registry.cutBlobOnce(100_000, opened);
    registry.cutBlobOnce(0);
    registry.cutBlobOnce(1_500_000);
    try (InputStream in = client.openBlob(APP, DIGEST, BLOB.length)) {
      opened.countDown();
      assertThat(in.readAllBytes()).isEqualTo(BLOB);
    }
    assertThat(registry.seen.getFirst().header("Range")).isEmpty();
    assertThat(registry.seen.getLast().header("Range")).isPresent();
  }

  @Test
  void openBlob_cutsWithoutEnd_areGivenUpWithTheOffset() throws Exception {
    registry.putBlob(APP, BLOB);
    CountDownLatch opened = new CountDownLatch(1);
    for (int i = 0; i < 4; i++) {
      registry.cutBlobOnce(1000, opened);
    }
    try (InputStream in = client.openBlob(APP, DIGEST, BLOB.length)) {
      opened.countDown();
      assertThatThrownBy(in::readAllBytes)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cut off at byte")
          .hasMessageContaining("given up after 4 attempts");
    }
  }

  @Test
  void openBlob_rangeIgnoredAfterACut_isRefused() throws Exception {
    registry.putBlob(APP, BLOB);
    CountDownLatch opened = new CountDownLatch(1);
    registry.cutBlobOnce(100_000, opened);
    try (InputStream in = client.openBlob(APP, DIGEST, BLOB.length)) {
      registry.inject(exchange -> {
        FakeRegistry.reply(exchange, 200, BLOB);
        return true;
      });
      opened.countDown();
      assertThatThrownBy(in::readAllBytes).isInstanceOf(RangeIgnoredException.class);
    }
  }

  @Test
  void openBlob_otherContent_failsAtTheEnd() throws Exception {
    byte[] wrong = BLOB.clone();
    wrong[1_234_567] ^= 1;
    registry.blobs.put("/v2/team/app/blobs/" + DIGEST, wrong);
    try (InputStream in = client.openBlob(APP, DIGEST, BLOB.length)) {
      assertThatThrownBy(in::readAllBytes)
          .isInstanceOf(DigestMismatchException.class)
          .hasMessageContaining(Digest.sha256(wrong).toString());
    }
  }

  @Test
  void openBlob_otherLength_isRefusedAtOnce() {
    registry.putBlob(APP, BLOB);
    assertThatThrownBy(() -> client.openBlob(APP, DIGEST, BLOB.length + 1))
        .hasMessageContaining("the registry announces 3000000");
  }

  @Test
  void openBlob_empty_isRead() throws Exception {
    registry.putBlob(APP, new byte[0]);
    assertThat(client.openBlob(APP, Digest.sha256(new byte[0]), 0).readAllBytes()).isEmpty();
  }

  @Test
  void openBlobRange_cutInside_goesOnWhereItWas() throws Exception {
    registry.putBlob(APP, BLOB);
    byte[] expected = Arrays.copyOfRange(BLOB, 1_000_000, 1_700_001);
    CountDownLatch opened = new CountDownLatch(1);
    registry.inject(exchange -> {
      exchange.getResponseHeaders().set("Content-Range", "bytes 1000000-1700000/" + BLOB.length);
      exchange.sendResponseHeaders(206, expected.length);
      exchange.getResponseBody().write(expected, 0, 300_000);
      exchange.getResponseBody().flush();
      FakeRegistry.await(opened);
      exchange.close();
      return true;
    });
    try (InputStream in = client.openBlobRange(APP, DIGEST, 1_000_000, expected.length)) {
      opened.countDown();
      assertThat(in.readAllBytes()).isEqualTo(expected);
    }
    // How much of the cut answer gets through is the kernel's business; that it goes on is ours.
    assertThat(registry.seen).hasSize(2);
    assertThat(registry.seen.getLast().header("Range").orElseThrow()).endsWith("-1700000");
  }

  @Test
  void openBlobRange_otherRangeThanAsked_isRefused() {
    registry.putBlob(APP, BLOB);
    for (String range : List.of("bytes 1-5/3000000", "bytes 0-3/3000000", "bytes */9", "x")) {
      registry.failOnce("GET", "/blobs/", 206, "Content-Range", range);
      assertThatThrownBy(() -> client.openBlobRange(APP, DIGEST, 0, 5))
          .as(range)
          .hasMessageContaining("asked for bytes 0-4");
    }
    registry.failOnce("GET", "/blobs/", 200);
    assertThatThrownBy(() -> client.openBlobRange(APP, DIGEST, 0, 5))
        .isInstanceOf(RangeIgnoredException.class);
  }

  @Test
  void openBlobRange_pastTheEnd_isRefused() {
    registry.putBlob(APP, BLOB);
    registry.failOnce("GET", "/blobs/", 416);
    assertThatThrownBy(() -> client.openBlobRange(APP, DIGEST, BLOB.length, 1))
        .isInstanceOf(RegistryException.class);
    assertThatThrownBy(() -> client.openBlobRange(APP, DIGEST, -1, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 700_000, 3_000_000, 10_000_000})
  void pushBlob_anyChunkSize_arrivesAndTellsProgress(long chunk) throws Exception {
    client.close();
    client = client(chunk);
    List<Long> progress = new ArrayList<>();
    client.pushBlob(APP, DIGEST, BlobSource.ofBytes(BLOB), progress::add);
    assertThat(registry.blobs.get("/v2/team/app/blobs/" + DIGEST)).isEqualTo(BLOB);
    assertThat(progress).isSorted().last().isEqualTo(3_000_000L);
    long patches = registry.seen.stream().filter(s -> s.method().equals("PATCH")).count();
    assertThat(patches).isEqualTo(chunk == 700_000 ? 5 : 0);
  }

  @Test
  void pushBlob_empty_arrives() throws Exception {
    Digest empty = Digest.sha256(new byte[0]);
    client.pushBlob(APP, empty, BlobSource.ofBytes(new byte[0]), sent -> {});
    assertThat(client.headBlob(APP, empty)).hasValue(0);
  }

  @Test
  void pushBlob_cutInTheOnePut_goesOnFromTheUploadsOffset() throws Exception {
    registry.cutUploadOnce("PUT", 1_000_000);
    client.pushBlob(APP, DIGEST, BlobSource.ofBytes(BLOB), sent -> {});
    assertThat(registry.blobs.get("/v2/team/app/blobs/" + DIGEST)).isEqualTo(BLOB);
    assertThat(
            registry.seen.stream()
                .filter(s -> s.method().equals("PATCH"))
                .map(s -> s.header("Content-Range").orElseThrow()))
        .containsExactly("1000000-2999999");
  }

  @Test
  void pushBlob_cutInAChunk_goesOnFromTheUploadsOffset() throws Exception {
    client.close();
    client = client(1_000_000);
    registry.cutUploadOnce("PATCH", 400_000);
    client.pushBlob(APP, DIGEST, BlobSource.ofBytes(BLOB), sent -> {});
    assertThat(registry.blobs.get("/v2/team/app/blobs/" + DIGEST)).isEqualTo(BLOB);
    assertThat(registry.requests().stream().filter(r -> r.startsWith("POST"))).hasSize(1);
  }

  @Test
  void pushBlob_uploadForgotten_beginsAnew() throws Exception {
    registry.inject(exchange -> {
      if (!exchange.getRequestMethod().equals("PUT")) {
        return false;
      }
      registry.forgetUploads();
      exchange.close();
      return true;
    });
    client.pushBlob(APP, DIGEST, BlobSource.ofBytes(BLOB), sent -> {});
    assertThat(registry.blobs.get("/v2/team/app/blobs/" + DIGEST)).isEqualTo(BLOB);
    assertThat(registry.requests().stream().filter(r -> r.startsWith("POST"))).hasSize(2);
  }

  @Test
  void pushBlob_lastAnswerLost_findsTheBlobThere() throws Exception {
    registry.inject(exchange -> {
      if (!exchange.getRequestMethod().equals("PUT")) {
        return false;
      }
      exchange.getRequestBody().readAllBytes();
      registry.putBlob(APP, BLOB);
      registry.forgetUploads();
      exchange.close();
      return true;
    });
    client.pushBlob(APP, DIGEST, BlobSource.ofBytes(BLOB), sent -> {});
    assertThat(registry.requests().stream().filter(r -> r.startsWith("PUT"))).hasSize(1);
  }

  @Test
  void pushBlob_wrongDigest_failsWithoutRepetition() {
    Digest other = Digest.sha256("other".getBytes(UTF_8));
    assertThatThrownBy(() -> client.pushBlob(APP, other, BlobSource.ofBytes(BLOB), sent -> {}))
        .isInstanceOfSatisfying(
            RegistryException.class, e -> assertThat(e.has(OciError.DIGEST_INVALID)).isTrue())
        .hasMessageNotContaining("s3cr3t");
    assertThat(registry.requests().stream().filter(r -> r.startsWith("PUT"))).hasSize(1);
  }

  @Test
  void mountBlob_hitAndMiss_tellsWhich() throws Exception {
    RepositoryName base = new RepositoryName("base");
    registry.putBlob(base, BLOB);
    assertThat(client.mountBlob(APP, DIGEST, base)).isTrue();
    assertThat(client.headBlob(APP, DIGEST)).hasValue(BLOB.length);
    registry.mounts = false;
    assertThat(client.mountBlob(new RepositoryName("x"), DIGEST, base)).isFalse();
  }
}
