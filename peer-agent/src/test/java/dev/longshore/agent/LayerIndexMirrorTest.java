package dev.longshore.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.oci.Digest;
import dev.longshore.piece.ClusterKey;
import dev.longshore.piece.IndexStatement;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Layer indexes through a mirror: whose word counts, and who gets them. */
class LayerIndexMirrorTest extends MirrorTestCase {
  private static final byte[] INDEX = random(7, 300_000);

  private Digest index;
  private String path;

  LayerIndexMirrorTest() throws IOException {}

  @BeforeEach
  void putIndex() {
    index = registry.putBlob(REPO, INDEX);
    registry.putPieces(REPO, INDEX, key);
    state(key, layer, INDEX.length);
    path = "/v2/" + REPO + "/_longshore/index/" + layer;
  }

  @Test
  void index_statedByTheOrigin_comesThroughTheSwarmAndIsAskedForOnce() throws Exception {
    HttpResponse<byte[]> answer = client.get(path);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type"))
        .contains("application/vnd.longshore.layer-index.v1");
    assertThat(answer.headers().firstValueAsLong("Content-Length")).hasValue(INDEX.length);
    assertThat(answer.headers().firstValue("Docker-Content-Digest")).contains(index.toString());
    assertThat(answer.body()).isEqualTo(INDEX);
    assertThat(swarm.maps).containsKey(index);

    assertThat(client.get(path).body()).isEqualTo(INDEX);
    assertThat(client.get(path, "Range", "bytes=10-19").body())
        .isEqualTo(Arrays.copyOfRange(INDEX, 10, 20));
    assertThat(registry.count("GET", "/_longshore/index/")).isOne();
    assertThat(registry.blobBytes()).isEqualTo(INDEX.length);
  }

  @Test
  void index_askedByHead_tellsItsSize() throws Exception {
    HttpResponse<byte[]> answer = client.head(path);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValueAsLong("Content-Length")).hasValue(INDEX.length);
    assertThat(registry.blobBytes()).isZero();
  }

  @Test
  void index_registryHasNone_is404() throws Exception {
    HttpResponse<byte[]> answer = client.get("/v2/" + REPO + "/_longshore/index/" + small);

    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(text(answer)).contains("BLOB_UNKNOWN").contains("has no index of layer " + small);
  }

  @Test
  void index_signedByAStranger_isRefused() throws Exception {
    state(ClusterKey.generate(), layer, INDEX.length);

    HttpResponse<byte[]> answer = client.get(path);

    assertThat(answer.statusCode()).isEqualTo(502);
    assertThat(text(answer)).contains("--cluster-key");
    assertThat(registry.blobBytes()).isZero();
  }

  @Test
  void index_statementOfAnotherLayer_isRefused() throws Exception {
    state(key, small, INDEX.length);

    assertThat(text(client.get(path))).contains("is of another layer");
  }

  @Test
  void index_statementIsGarbage_isRefused() throws Exception {
    registry.putStatement(REPO, layer, random(3, 200));
    assertThat(client.get(path).statusCode()).isEqualTo(502);
    registry.putStatement(REPO, layer, random(3, 20_000));
    assertThat(client.get(path).statusCode()).isEqualTo(502);
  }

  @Test
  void index_ofAPrivateRepository_isGivenOnlyToWhoMayPull() throws Exception {
    registry.makePrivate(REPO, SECRET);

    assertThat(client.get(path, "Authorization", SECRET).body()).isEqualTo(INDEX);
    HttpResponse<byte[]> refused = client.get(path);
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(refused.headers().firstValue("WWW-Authenticate")).contains(FakeRegistry.CHALLENGE);
    assertThat(client.get(path, "Authorization", "Basic b3RoZXI=").statusCode()).isEqualTo(401);
  }

  @Test
  void index_knownInOneRepository_isNotGivenInAnother() throws Exception {
    assertThat(client.get(path).statusCode()).isEqualTo(200);

    assertThat(client.get("/v2/other/app/_longshore/index/" + layer).statusCode()).isEqualTo(404);
  }

  @Test
  void index_originAwayAfterARestart_isGivenWhereEverybodyMayPull() throws Exception {
    assertThat(client.get("/v2/" + REPO + "/manifests/v1").statusCode()).isEqualTo(200);
    assertThat(client.get(path).body()).isEqualTo(INDEX);
    restart(Long.MAX_VALUE, false);
    registry.down = true;

    assertThat(client.get(path).body()).isEqualTo(INDEX);
  }

  @Test
  void index_statementOnDiskIsDamaged_isAskedForAgain() throws Exception {
    assertThat(client.get(path).body()).isEqualTo(INDEX);
    try (Stream<Path> files = Files.walk(data.resolve("manifests"))) {
      Path statement =
          files
              .filter(file -> file.toString().contains("/_indexes/sha256-"))
              .findFirst()
              .orElseThrow();
      byte[] bent = Files.readAllBytes(statement);
      bent[bent.length - 1] ^= 1;
      Files.write(statement, bent);
    }
    restart(Long.MAX_VALUE, false);

    assertThat(client.get(path).body()).isEqualTo(INDEX);
    assertThat(registry.count("GET", "/_longshore/index/")).isEqualTo(2);
  }

  @Test
  void index_originMadeAnotherOne_isAskedForAgain() throws Exception {
    assertThat(client.head(path).statusCode()).isEqualTo(200);
    byte[] better = random(8, 1000);
    registry.remove("/v2/" + REPO + "/blobs/" + index);
    registry.remove("/v2/" + REPO + "/_longshore/pieces/" + index);
    Digest second = registry.putBlob(REPO, better);
    registry.putStatement(
        REPO, layer, key.sign(new IndexStatement(layer, second, better.length)).encode());

    assertThat(client.get(path).statusCode()).isNotEqualTo(200);
    assertThat(client.get(path).body()).isEqualTo(better);
  }

  @Test
  void index_whenRightsAreStale_asksForThemAgainByTheLayer() throws Exception {
    assertThat(client.get(path).body()).isEqualTo(INDEX);
    now = now.plus(Duration.ofMinutes(6)); // the grant is stale: rights are asked for again
    assertThat(client.get(path).body()).isEqualTo(INDEX);
    assertThat(registry.count("HEAD", "/blobs/" + layer)).isOne();
    assertThat(registry.count("GET", "/_longshore/index/")).isOne();
  }

  private void state(ClusterKey signer, Digest of, long size) {
    byte[] statement = signer.sign(new IndexStatement(of, index, size)).encode();
    registry.putStatement(REPO, layer, statement);
  }
}
