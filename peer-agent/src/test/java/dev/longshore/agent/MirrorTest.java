package dev.longshore.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.longshore.agent.blob.TransferReport;
import dev.longshore.agent.upstream.Caller;
import dev.longshore.oci.Digest;
import dev.longshore.oci.MediaTypes;
import dev.longshore.piece.ClusterKey;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.holding.SourceBook;
import dev.longshore.swarm.source.BlobAtSource;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What containerd asks of a mirror, and what goes wrong. */
class MirrorTest extends MirrorTestCase {

  MirrorTest() throws IOException {}

  @Test
  void pull_asContainerdDoes_everyByteIsRight() throws Exception {
    HttpResponse<byte[]> head = client.send("HEAD", "/v2/" + REPO + "/manifests/v1");
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(head.headers().firstValue("Docker-Content-Digest")).contains(manifest.toString());
    assertThat(head.headers().firstValue("Content-Type")).contains(MediaTypes.OCI_MANIFEST);

    HttpResponse<byte[]> got = client.get("/v2/" + REPO + "/manifests/" + manifest);
    assertThat(got.statusCode()).isEqualTo(200);
    assertThat(Digest.sha256(got.body())).isEqualTo(manifest);
    assertThat(head.headers().firstValueAsLong("Content-Length").orElseThrow())
        .isEqualTo(got.body().length);

    assertThat(client.blob(REPO, layer)).isEqualTo(LAYER);
    assertThat(client.blob(REPO, small)).isEqualTo(SMALL);
  }

  @Test
  void blob_withAMapAtTheSource_comesThroughTheSwarmAndIsStored() throws Exception {
    registry.putPieces(REPO, LAYER, key);
    assertThat(client.blob(REPO, layer)).isEqualTo(LAYER);
    assertThat(swarm.maps).containsKey(layer);
    await().until(() -> blobs.transfers().getFirst().state().equals("complete"));
    TransferReport report = blobs.transfers().getFirst();
    assertThat(report.fromSource()).isEqualTo(LAYER.length);
    assertThat(report.source()).isEqualTo(registry.name() + "/" + REPO);
    assertThat(swarm.openClaims).hasValue(0);

    long before = registry.blobBytes();
    assertThat(client.blob(REPO, layer)).isEqualTo(LAYER);
    assertThat(registry.blobBytes()).isEqualTo(before);
  }

  @Test
  void blob_fileOfAStoredBlobIsGone_isToldBeforeTheAnswerBegins() throws Exception {
    assertThat(client.blob(REPO, small)).isEqualTo(SMALL);
    await().until(() -> blobs.sizeOfStored(small).isPresent());
    Path file =
        data.resolve("store/blobs/sha256")
            .resolve(small.hex().substring(0, 2))
            .resolve(small.hex());
    Path kept = data.resolve("kept");
    Files.move(file, kept);
    assertThat(client.get("/v2/" + REPO + "/blobs/" + small).statusCode()).isEqualTo(502);
    Files.move(kept, file);
    assertThat(client.blob(REPO, small)).isEqualTo(SMALL);
  }

  @Test
  void expect_blobsOfAManifest_areNotedButForThoseThatAreHere() throws Exception {
    assertThat(client.blob(REPO, small)).isEqualTo(SMALL);
    await().until(() -> blobs.sizeOfStored(small).isPresent());
    registry.putImage("other/app", "v1", LAYER, SMALL);
    SourceRef first = new SourceRef(registry.name(), REPO);
    SourceRef other = new SourceRef(registry.name(), "other/app");
    Caller caller = new Caller(other, null);

    blobs.expect(List.of(upstream.blob(caller, small), upstream.blob(caller, layer)));

    SourceBook book = SourceBook.open(data.resolve("sources"));
    assertThat(book.source(small)).contains(first);
    assertThat(book.source(layer)).contains(other);
  }

  @Test
  void fetch_withoutAMap_blobIsReadOnceAndKept() throws Exception {
    BlobAtSource blob = upstream.blob(anybody(), layer);

    blobs.fetch(blob);

    assertThat(blobs.sizeOfStored(layer)).contains((long) LAYER.length);
    assertThat(registry.blobBytes()).isEqualTo(LAYER.length);
    blobs.fetch(blob);
    assertThat(registry.blobBytes()).isEqualTo(LAYER.length);
  }

  @Test
  void fetch_swarmDoesNotMove_failsInsteadOfWaitingForEver() throws Exception {
    registry.putPieces(REPO, LAYER, key);
    BlobAtSource blob = upstream.blob(anybody(), layer);

    // The fake fetches only the pieces that a reader waits for, and here is none.
    assertThatThrownBy(() -> blobs.fetch(blob)).hasMessageContaining("nothing arrived for 1 s");
    assertThat(swarm.openClaims).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void fetch_storeIsTooSmall_failsAndSaysSo(boolean withMap) throws Exception {
    restart(LAYER.length / 2, false);
    if (withMap) {
      registry.putPieces(REPO, LAYER, key);
    }

    BlobAtSource blob = upstream.blob(anybody(), layer);

    assertThatThrownBy(() -> blobs.fetch(blob))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("quota");
  }

  @Test
  void fetch_wrongBytesAtTheSource_fails() throws Exception {
    registry.corrupt = true;

    BlobAtSource blob = upstream.blob(anybody(), layer);

    assertThatThrownBy(() -> blobs.fetch(blob)).isInstanceOf(IOException.class);
    assertThat(blobs.sizeOfStored(layer)).isEmpty();
  }

  /** An intake that failed before others could find it was once found for ever. */
  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void fetch_sourceRefusesAtOnce_failsEachTime() throws Exception {
    BlobAtSource blob = upstream.blob(anybody(), layer);
    registry.remove("/v2/" + REPO + "/blobs/" + layer);

    for (int i = 0; i < 300; i++) {
      assertThatThrownBy(() -> blobs.fetch(blob)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void transfer_beforeAndAfterAPull_tellsWhereTheBytesCameFrom() throws Exception {
    registry.putPieces(REPO, LAYER, key);
    String path = "/v2/" + REPO + "/_longshore/transfers/" + layer;
    assertThat(text(client.get(path))).contains("\"state\":\"none\"");

    client.blob(REPO, layer);

    await()
        .untilAsserted(() ->
            assertThat(text(client.get(path)))
                .contains("\"state\":\"complete\"", "\"fromSource\":" + LAYER.length));
  }

  @Test
  void transfer_ofAPrivateRepository_isToldOnlyToWhoMayPull() throws Exception {
    registry.makePrivate(REPO, SECRET);
    String path = "/v2/" + REPO + "/_longshore/transfers/" + layer;
    assertThat(client.get(path).statusCode()).isEqualTo(401);
    assertThat(client.get(path, "Authorization", SECRET).statusCode()).isEqualTo(200);
  }

  @Test
  void blob_withoutAMap_isReadOnceForAllAndKept() throws Exception {
    registry.pauseMillis = 20;
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<byte[]>> pulls = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        pulls.add(clients.submit(() -> client.blob(REPO, layer)));
      }
      for (Future<byte[]> pull : pulls) {
        assertThat(pull.get()).isEqualTo(LAYER);
      }
    }
    assertThat(registry.blobBytes()).isEqualTo(LAYER.length);
    await().until(() -> blobs.sizeOfStored(layer).isPresent());
    assertThat(client.blob(REPO, layer)).isEqualTo(LAYER);
    assertThat(registry.blobBytes()).isEqualTo(LAYER.length);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void blob_range_isThatPart(boolean withMap) throws Exception {
    if (withMap) {
      registry.putPieces(REPO, LAYER, key);
    }
    String path = "/v2/" + REPO + "/blobs/" + layer;
    HttpResponse<byte[]> middle = client.get(path, "Range", "bytes=300000-599999");
    assertThat(middle.statusCode()).isEqualTo(206);
    assertThat(middle.headers().firstValue("Content-Range"))
        .contains("bytes 300000-599999/" + LAYER.length);
    assertThat(middle.body()).isEqualTo(Arrays.copyOfRange(LAYER, 300_000, 600_000));

    HttpResponse<byte[]> tail = client.get(path, "Range", "bytes=-10");
    assertThat(tail.body()).isEqualTo(Arrays.copyOfRange(LAYER, LAYER.length - 10, LAYER.length));

    HttpResponse<byte[]> beyond = client.get(path, "Range", "bytes=" + LAYER.length + "-");
    assertThat(beyond.statusCode()).isEqualTo(416);
    assertThat(beyond.headers().firstValue("Content-Range")).contains("bytes */" + LAYER.length);
    assertThat(text(beyond)).contains("RANGE_INVALID");
  }

  @Test
  void blob_head_hasTheLengthAndNoBody() throws Exception {
    HttpResponse<byte[]> head = client.send("HEAD", "/v2/" + REPO + "/blobs/" + layer);
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.headers().firstValueAsLong("Content-Length")).hasValue(LAYER.length);
    assertThat(head.body()).isEmpty();
    assertThat(registry.blobBytes()).isZero();
  }

  @Test
  void blob_swarmFailsInTheMiddle_theRestComesFromTheSource() throws Exception {
    registry.putPieces(REPO, LAYER, key);
    swarm.failAt = 2;
    assertThat(client.blob(REPO, layer)).isEqualTo(LAYER);
  }

  @Test
  void blob_swarmFailsAtOnce_comesFromTheSource() throws Exception {
    registry.putPieces(REPO, LAYER, key);
    swarm.failAt = 0;
    assertThat(client.blob(REPO, layer)).isEqualTo(LAYER);
  }

  @Test
  void blob_swarmStandsStill_theRestComesFromTheSource() throws Exception {
    registry.putPieces(REPO, LAYER, key);
    swarm.stallAt = 1;
    assertThat(client.blob(REPO, layer)).isEqualTo(LAYER);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void blob_sourceBreaksOff_isAskedForTheRest(boolean withMap) throws Exception {
    if (withMap) {
      registry.putPieces(REPO, LAYER, key);
    }
    swarm.failAt = 1; // with a map, the rest is streamed in pieces longer than each answer
    registry.cutAfter = withMap ? 300_000 : 200_000;
    assertThat(client.blob(REPO, layer)).isEqualTo(LAYER);
  }

  @Test
  void blob_wrongBytesWithoutAMap_neverArriveWhole() throws Exception {
    registry.corrupt = true;
    assertThatThrownBy(() -> client.blob(REPO, layer)).isInstanceOf(IOException.class);
    await().until(() -> blobs.transfers().getFirst().state().equals("failed"));
    assertThat(blobs.transfers().getFirst().reason()).contains("wrong");
    assertThat(store.find(layer)).isEmpty();

    registry.corrupt = false;
    assertThat(client.blob(REPO, layer)).isEqualTo(LAYER);
  }

  @Test
  void blob_wrongBytesWithAMap_neverLeave() throws Exception {
    registry.putPieces(REPO, LAYER, key);
    registry.corrupt = true;
    HttpResponse<byte[]> answer = client.get("/v2/" + REPO + "/blobs/" + layer);
    assertThat(answer.statusCode()).isEqualTo(502);
    assertThat(text(answer)).contains("wrong bytes");
  }

  @Test
  void blob_sourceGoneBeforeTheFirstByte_isAnErrorThatMovesContainerdOn() throws Exception {
    client.get("/v2/" + REPO + "/manifests/v1");
    registry.down = true;
    assertThat(client.get("/v2/" + REPO + "/blobs/" + layer).statusCode()).isEqualTo(502);
  }

  @Test
  void blob_mapOfAForeignCluster_isNotBelieved() throws Exception {
    registry.putPieces(REPO, LAYER, ClusterKey.generate());
    assertMapIsRefused();
  }

  @Test
  void blob_mapOfAnotherBlob_isNotBelieved() throws Exception {
    registry.putPieces(REPO, layer, SMALL, key);
    assertMapIsRefused();
  }

  @Test
  void blob_mapIsGarbage_isNotBelieved() throws Exception {
    registry.putPieces(REPO, layer, random(9, 5_000));
    assertMapIsRefused();
  }

  private void assertMapIsRefused() throws Exception {
    assertThat(client.blob(REPO, layer)).isEqualTo(LAYER);
    assertThat(swarm.maps).isEmpty();
    assertThat(meters.get(AgentMetrics.MAPS_REFUSED).counter().count()).isEqualTo(1);
  }

  @Test
  void blob_storeFull_passesThroughUnkept() throws Exception {
    restart(100_000, false);
    registry.putPieces(REPO, LAYER, key);
    assertThat(client.blob(REPO, layer)).isEqualTo(LAYER);
    assertThat(store.find(layer)).isEmpty();
    assertThat(client.blob(REPO, small)).isEqualTo(SMALL);
    await().until(() -> blobs.sizeOfStored(small).isPresent());
  }

  @Test
  void privateRepository_challengeIsPassedBackVerbatim() throws Exception {
    registry.makePrivate(REPO, SECRET);
    HttpResponse<byte[]> refused = client.get("/v2/" + REPO + "/manifests/v1");
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(refused.headers().firstValue("WWW-Authenticate")).contains(FakeRegistry.CHALLENGE);
    assertThat(text(refused)).contains("UNAUTHORIZED");

    HttpResponse<byte[]> accepted =
        client.get("/v2/" + REPO + "/manifests/v1", "Authorization", SECRET);
    assertThat(accepted.statusCode()).isEqualTo(200);
  }

  @Test
  void privateRepository_cachedBytes_areOnlyForWhomTheUpstreamAccepts() throws Exception {
    registry.makePrivate(REPO, SECRET);
    String path = "/v2/" + REPO + "/blobs/" + layer;
    String manifestPath = "/v2/" + REPO + "/manifests/" + manifest;
    assertThat(client.get(manifestPath, "Authorization", SECRET).statusCode()).isEqualTo(200);
    assertThat(client.get(path, "Authorization", SECRET).body()).isEqualTo(LAYER);
    await().until(() -> blobs.sizeOfStored(layer).isPresent());

    assertThat(client.get(path).statusCode()).isEqualTo(401);
    assertThat(client.get(path, "Authorization", "Basic d3Jvbmc6d3Jvbmc=").statusCode())
        .isEqualTo(401);
    assertThat(client.get(manifestPath).statusCode()).isEqualTo(401);
    assertThat(client.send("HEAD", path).statusCode()).isEqualTo(401);
  }

  @Test
  void privateRepository_digestNamedThroughAnother_isNotGiven() throws Exception {
    registry.makePrivate(REPO, SECRET);
    assertThat(client.get("/v2/" + REPO + "/blobs/" + layer, "Authorization", SECRET).body())
        .isEqualTo(LAYER);
    registry.putImage("public/app", "v1", SMALL);
    assertThat(client.get("/v2/public/app/manifests/v1").statusCode()).isEqualTo(200);
    assertThat(client.get("/v2/public/app/blobs/" + layer).statusCode()).isEqualTo(404);
    assertThat(client.get("/v2/public/app/manifests/" + manifest).statusCode()).isEqualTo(404);
  }

  @Test
  void privateRepository_credentials_areNowhereOnDisk() throws Exception {
    registry.makePrivate(REPO, SECRET);
    client.get("/v2/" + REPO + "/manifests/v1", "Authorization", SECRET);
    client.get("/v2/" + REPO + "/blobs/" + layer, "Authorization", SECRET);
    await().until(() -> blobs.sizeOfStored(layer).isPresent());
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
            .as(file.toString())
            .doesNotContain(SECRET)
            .doesNotContain("dGVhbTpzM2NyM3Q=");
      }
    }
  }

  @Test
  void upstreamDown_publicRepository_isServedFromWhatIsHere() throws Exception {
    client.get("/v2/" + REPO + "/manifests/" + manifest);
    client.blob(REPO, layer);
    await().until(() -> blobs.sizeOfStored(layer).isPresent());
    restart(Long.MAX_VALUE, false);
    registry.down = true;
    assertThat(client.get("/v2/" + REPO + "/manifests/" + manifest).statusCode()).isEqualTo(200);
    assertThat(client.blob(REPO, layer)).isEqualTo(LAYER);
    assertThat(client.get("/v2/" + REPO + "/manifests/v1").statusCode()).isEqualTo(502);
  }

  @Test
  void upstreamDown_privateRepositoryAfterARestart_isRefused() throws Exception {
    registry.makePrivate(REPO, SECRET);
    client.get("/v2/" + REPO + "/manifests/" + manifest, "Authorization", SECRET);
    client.get("/v2/" + REPO + "/blobs/" + layer, "Authorization", SECRET);
    await().until(() -> blobs.sizeOfStored(layer).isPresent());
    restart(Long.MAX_VALUE, true);
    registry.down = true;
    String path = "/v2/" + REPO + "/blobs/" + layer;
    assertThat(client.get(path, "Authorization", SECRET).statusCode()).isEqualTo(502);
    assertThat(client.get(path).statusCode()).isEqualTo(502);
  }

  @Test
  void upstreamDown_staleTagsAllowed_tagIsAnsweredFromTheLastKnownValue() throws Exception {
    restart(Long.MAX_VALUE, true);
    assertThat(client.get("/v2/" + REPO + "/manifests/v1").statusCode()).isEqualTo(200);
    registry.down = true;
    HttpResponse<byte[]> stale = client.get("/v2/" + REPO + "/manifests/v1");
    assertThat(stale.statusCode()).isEqualTo(200);
    assertThat(Digest.sha256(stale.body())).isEqualTo(manifest);
    assertThat(client.send("HEAD", "/v2/" + REPO + "/manifests/v1").statusCode()).isEqualTo(200);
  }

  @Test
  void manifest_byDigestAgain_costsTheUpstreamNothing() throws Exception {
    String path = "/v2/" + REPO + "/manifests/" + manifest;
    client.get(path);
    long before = registry.seen.size();
    client.get(path);
    client.send("HEAD", path);
    assertThat(registry.seen).hasSize((int) before);
    now = now.plus(Duration.ofMinutes(6));
    client.get(path);
    assertThat(registry.count("HEAD", "/manifests/")).isEqualTo(1);
  }

  @Test
  void unknown_manifestAndBlob_are404InOciWords() throws Exception {
    HttpResponse<byte[]> noTag = client.get("/v2/" + REPO + "/manifests/nope");
    assertThat(noTag.statusCode()).isEqualTo(404);
    assertThat(text(noTag)).contains("\"errors\"");
    HttpResponse<byte[]> noBlob =
        client.get("/v2/" + REPO + "/blobs/" + Digest.sha256(new byte[] {9}));
    assertThat(noBlob.statusCode()).isEqualTo(404);
    assertThat(text(noBlob)).contains("BLOB_UNKNOWN");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "POST", "PATCH", "DELETE"})
  void transfers_anyMethodButReading_is405(String method) throws Exception {
    String path = "/v2/" + REPO + "/_longshore/transfers/" + layer;
    assertThat(client.send(method, path).statusCode()).isEqualTo(405);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "POST", "PATCH", "DELETE"})
  void write_anyMethod_is405(String method) throws Exception {
    HttpResponse<byte[]> refused = client.send(method, "/v2/" + REPO + "/blobs/uploads/");
    assertThat(refused.statusCode()).isEqualTo(405);
    assertThat(refused.headers().firstValue("Allow")).contains("GET, HEAD");
    assertThat(text(refused)).contains("UNSUPPORTED");
  }

  @Test
  void ns_missing_isAskedForUnlessThereIsOneUpstream() throws Exception {
    HttpResponse<byte[]> which = client.sendRaw("GET", "/v2/" + REPO + "/manifests/v1");
    assertThat(which.statusCode()).isEqualTo(400);
    assertThat(text(which)).contains("ns=");
    assertThat(client.sendRaw("GET", "/v2/").statusCode()).isEqualTo(200);
    assertThat(client.sendRaw("GET", "/v2/x/manifests/v1?ns=../etc").statusCode()).isEqualTo(400);
  }

  @Test
  void ns_namedUpstream_isReachedAtItsUrl() throws Exception {
    for (AutoCloseable part : parts.subList(1, parts.size()).reversed()) {
      part.close();
    }
    parts.subList(1, parts.size()).clear();
    start(Long.MAX_VALUE, false, Map.of("registry.example", registry.uri()));
    try (MirrorClient named = new MirrorClient(mirror, "registry.example")) {
      assertThat(named.blob(REPO, small)).isEqualTo(SMALL);
    }
    assertThat(client.sendRaw("GET", "/v2/" + REPO + "/manifests/v1").statusCode()).isEqualTo(200);
  }
}
