package dev.longshore.origin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.longshore.layer.index.LayerIndex;
import dev.longshore.oci.Digest;
import dev.longshore.piece.IndexStatement;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Indexes of layers that were pushed to a real origin. */
class LayerIndexTest extends RegistryTestCase {
  private static final byte[] CONFIG = "{}".getBytes(UTF_8);

  @TempDir Path scratch;
  private byte[] tar;
  private byte[] layer;

  @BeforeEach
  void packLayer() throws Exception {
    tar = TestLayers.tar(scratch, 3 << 20, 1);
    layer = TestLayers.gzip(tar);
  }

  @Test
  void statement_ofALayer_isSignedAndItsIndexCanBePulled() throws Exception {
    Digest digest = pushBlob(REPO, layer);

    HttpResponse<byte[]> response = get(target(REPO, digest));

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(header(response, "content-type"))
        .isEqualTo("application/vnd.longshore.index-statement.v1");
    IndexStatement statement = origin.trustedKeys().openStatement(response.body()).statement();
    assertThat(statement.layer()).isEqualTo(digest);
    byte[] index = get("/v2/" + REPO + "/blobs/" + statement.index()).body();
    assertThat(index).hasSize(Math.toIntExact(statement.size()));
    assertThat(Digest.sha256(index)).isEqualTo(statement.index());
    LayerIndex decoded = LayerIndex.decode(ByteBuffer.wrap(index), LayerIndex.DEFAULT_MEMORY);
    assertThat(decoded.layer()).isEqualTo(digest);
    assertThat(decoded.diffId()).isEqualTo(Digest.sha256(tar));
    byte[] map = get("/v2/" + REPO + "/_longshore/pieces/" + statement.index()).body();
    assertThat(origin.trustedKeys().open(map).map().digest()).isEqualTo(statement.index());
    assertThat(get(target(REPO, digest), "If-None-Match", header(response, "etag")).statusCode())
        .isEqualTo(304);

    restart();
    assertThat(get(target(REPO, digest)).body()).isEqualTo(response.body());
  }

  @Test
  void statement_inARepositoryWithoutTheLayer_is404AndSoIsTheIndex() throws Exception {
    Digest digest = pushBlob(REPO, layer);
    Digest index = index(digest);

    HttpResponse<byte[]> elsewhere = get(target("a/b", digest));
    assertThat(elsewhere.statusCode()).isEqualTo(404);
    assertThat(text(elsewhere)).contains("BLOB_UNKNOWN").contains("a/b has no blob");
    assertThat(get("/v2/a/b/blobs/" + index).statusCode()).isEqualTo(404);

    post("/v2/a/b/blobs/uploads/?mount=" + digest + "&from=" + REPO);
    assertThat(get(target("a/b", digest)).statusCode()).isEqualTo(200);
    assertThat(get("/v2/a/b/blobs/" + index).statusCode()).isEqualTo(200);
  }

  @Test
  void statement_ofSomethingElse_is404AndSaysWhy() throws Exception {
    Digest digest = pushBlob(REPO, random(1 << 20, 3));

    String first = text(get(target(REPO, digest)));
    assertThat(get(target(REPO, digest)).statusCode()).isEqualTo(404);
    assertThat(first).contains("can have no index: not a tar stream");

    restart();
    assertThat(text(get(target(REPO, digest)))).isEqualTo(first);
    assertThat(origin.debug().toString()).contains("layerIndexBacklog=0");
  }

  @Test
  void statement_ofACutLayer_is404AndSaysWhy() throws Exception {
    Digest digest = pushBlob(REPO, java.util.Arrays.copyOf(layer, layer.length / 2));

    assertThat(text(get(target(REPO, digest)))).contains("can have no index: malformed layer");
  }

  @Test
  void statement_askedForOtherwise_is405() throws Exception {
    assertThat(post(target(REPO, NOWHERE)).statusCode()).isEqualTo(405);
    assertThat(head(target(REPO, NOWHERE)).statusCode()).isEqualTo(404);
  }

  @Test
  void putManifest_withALargeLayer_makesItsIndexUnasked() throws Exception {
    pushBlob(REPO, CONFIG);
    Digest digest = pushBlob(REPO, layer);
    long before = objects();

    assertThat(pushManifest(REPO, "v1", imageOf(layer)).statusCode()).isEqualTo(201);

    await().atMost(Duration.ofSeconds(60)).until(() -> objects() == before + 1);
    assertThat(index(digest)).isNotNull();
    assertThat(objects()).isEqualTo(before + 1);
  }

  @Test
  void putManifest_withASmallLayer_makesNoneUnasked() throws Exception {
    byte[] small = TestLayers.gzip(TestLayers.tar(scratch, 64 << 10, 2));
    byte[] large = TestLayers.gzip(TestLayers.tar(scratch, 3 << 20, 4));
    pushBlob(REPO, CONFIG);
    pushBlob(REPO, small);
    pushManifest(REPO, "small", imageOf(small));
    pushBlob(REPO, large);
    pushManifest(REPO, "large", imageOf(large));

    // The worker takes one after the other: when the second layer's is here, so were the first's.
    await().atMost(Duration.ofSeconds(60)).until(() -> objects() == 4);
    assertThat(origin.debug().toString()).contains("layerIndexBacklog=0");
  }

  @Test
  void deleteLayer_withAnIndex_leavesNothing() throws Exception {
    Digest digest = pushBlob(REPO, layer);
    Digest index = index(digest);
    assertThat(get("/v2/" + REPO + "/blobs/" + index).statusCode()).isEqualTo(200);

    assertThat(delete("/v2/" + REPO + "/blobs/" + digest).statusCode()).isEqualTo(202);

    assertThat(get("/v2/" + REPO + "/blobs/" + index).statusCode()).isEqualTo(404);
    assertThat(get(target(REPO, digest)).statusCode()).isEqualTo(404);
    assertThat(objects()).isZero();
  }

  @Test
  void deleteLayer_fromOneOfTwoRepositories_takesTheIndexFromThatOne() throws Exception {
    Digest digest = pushBlob(REPO, layer);
    Digest index = index(digest);
    pushBlob("a/b", layer);
    assertThat(get("/v2/a/b/blobs/" + index).statusCode()).isEqualTo(200);

    delete("/v2/a/b/blobs/" + digest);

    assertThat(get("/v2/a/b/blobs/" + index).statusCode()).isEqualTo(404);
    assertThat(get("/v2/" + REPO + "/blobs/" + index).statusCode()).isEqualTo(200);
  }

  @Test
  void deleteLayer_whoseIndexWasPushedToo_leavesThat() throws Exception {
    Digest digest = pushBlob(REPO, layer);
    byte[] index = get("/v2/" + REPO + "/blobs/" + index(digest)).body();
    pushBlob(REPO, index);

    delete("/v2/" + REPO + "/blobs/" + digest);

    assertThat(get("/v2/" + REPO + "/blobs/" + Digest.sha256(index)).body()).isEqualTo(index);
    assertThat(objects()).isOne();
  }

  private static String target(String repository, Digest layer) {
    return "/v2/" + repository + "/_longshore/index/" + layer;
  }

  private Digest index(Digest layerDigest) throws Exception {
    byte[] statement = get(target(REPO, layerDigest)).body();
    return origin.trustedKeys().openStatement(statement).statement().index();
  }

  private static String imageOf(byte[] layer) {
    return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
        .formatted(
            MANIFEST,
            descriptor("application/vnd.oci.image.config.v1+json", CONFIG),
            descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer));
  }

  private long objects() throws IOException {
    try (Stream<Path> files = Files.walk(data.resolve("objects"))) {
      return files.filter(Files::isRegularFile).count();
    }
  }
}
