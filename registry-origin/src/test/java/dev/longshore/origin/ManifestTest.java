package dev.longshore.origin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.oci.Digest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Distribution-spec, "Pushing manifests", "Pulling manifests" and "Content management". */
class ManifestTest extends RegistryTestCase {
  private static final String BASE = "/v2/" + REPO + "/manifests/";

  @Test
  void put_byTag_isPulledVerbatimByTagAndDigest() throws Exception {
    String manifest = imageManifest(REPO, "one").replace(",", " ,\n\t");
    HttpResponse<byte[]> pushed = pushManifest(REPO, "v1", manifest);
    assertThat(pushed.statusCode()).isEqualTo(201);
    assertThat(header(pushed, "location")).isEqualTo(BASE + digest(manifest));
    assertThat(header(pushed, "docker-content-digest")).isEqualTo(digest(manifest).toString());
    for (String reference : List.of("v1", digest(manifest).toString(), "v1")) {
      HttpResponse<byte[]> pulled = get(BASE + reference);
      assertThat(pulled.statusCode()).isEqualTo(200);
      assertThat(text(pulled)).isEqualTo(manifest);
      assertThat(header(pulled, "content-type")).isEqualTo(MANIFEST);
      assertThat(header(pulled, "docker-content-digest")).isEqualTo(digest(manifest).toString());
    }
  }

  @Test
  void head_hasLengthAndTypeAndNoBody() throws Exception {
    String manifest = imageManifest(REPO, "one");
    pushManifest(REPO, "v1", manifest);
    for (int i = 0; i < 2; i++) {
      HttpResponse<byte[]> head = head(BASE + "v1");
      assertThat(head.statusCode()).isEqualTo(200);
      assertThat(header(head, "content-length")).isEqualTo("" + manifest.length());
      assertThat(header(head, "content-type")).isEqualTo(MANIFEST);
      assertThat(header(head, "docker-content-digest")).isEqualTo(digest(manifest).toString());
      assertThat(head.body()).isEmpty();
    }
    assertThat(head(BASE + "v2").statusCode()).isEqualTo(404);
  }

  @Test
  void get_notModified_is304() throws Exception {
    String manifest = imageManifest(REPO, "one");
    pushManifest(REPO, "v1", manifest);
    String etag = header(get(BASE + "v1"), "etag");
    assertThat(get(BASE + "v1", "If-None-Match", etag).statusCode()).isEqualTo(304);
  }

  @Test
  void put_bySha512Digest_echoesIt() throws Exception {
    String manifest = imageManifest(REPO, "one");
    Digest digest = sha512(manifest.getBytes(UTF_8));
    HttpResponse<byte[]> pushed = pushManifest(REPO, digest.toString(), manifest);
    assertThat(pushed.statusCode()).isEqualTo(201);
    HttpResponse<byte[]> pulled = get(BASE + digest);
    assertThat(text(pulled)).isEqualTo(manifest);
    assertThat(header(pulled, "docker-content-digest")).isEqualTo(digest.toString());
  }

  @Test
  void put_wrongDigest_is400() throws Exception {
    String manifest = imageManifest(REPO, "one");
    for (String wrong : List.of(NOWHERE.toString(), "sha256:baddigeststring")) {
      HttpResponse<byte[]> refused = pushManifest(REPO, wrong, manifest);
      assertThat(refused.statusCode()).isEqualTo(400);
      assertThat(text(refused)).contains("DIGEST_INVALID");
    }
  }

  @Test
  void put_contentTypeWithParameters_ignoresThem() throws Exception {
    String manifest = imageManifest(REPO, "one");
    send("PUT", BASE + "v1", manifest.getBytes(UTF_8), "Content-Type", MANIFEST + "; a=b");
    assertThat(header(get(BASE + "v1"), "content-type")).isEqualTo(MANIFEST);
  }

  @Test
  void put_dockerMediaTypes_areKept() throws Exception {
    String type = "application/vnd.docker.distribution.manifest.v2+json";
    String manifest = imageManifest(REPO, "one").replace(MANIFEST, type);
    assertThat(
            send("PUT", BASE + "v1", manifest.getBytes(UTF_8), "Content-Type", type).statusCode())
        .isEqualTo(201);
    assertThat(header(get(BASE + "v1"), "content-type")).isEqualTo(type);
  }

  @Test
  void put_severalTagsWithADigest_setsThemAll() throws Exception {
    String manifest = imageManifest(REPO, "one");
    String query = "?tag=t" + String.join("&tag=t", "0 1 2 3 4 5 6 7 8 9 10".split(" "));
    HttpResponse<byte[]> pushed = pushManifest(REPO, digest(manifest) + query, manifest);
    assertThat(pushed.statusCode()).isEqualTo(201);
    assertThat(pushed.headers().allValues("oci-tag")).hasSize(11).contains("t10");
    assertThat(text(get(BASE + "t7"))).isEqualTo(manifest);
    assertThat(
            pushManifest(REPO, digest(manifest) + "?tag=a" + "&tag=a".repeat(100), manifest)
                .statusCode())
        .isEqualTo(414);
    assertThat(pushManifest(REPO, digest(manifest) + "?tag=.bad", manifest).statusCode())
        .isEqualTo(400);
  }

  @Test
  void put_missingBlobs_isManifestBlobUnknown() throws Exception {
    String manifest = manifest("{}".getBytes(UTF_8), "layer".getBytes(UTF_8), "");
    HttpResponse<byte[]> refused = pushManifest(REPO, "v1", manifest);
    assertThat(refused.statusCode()).isEqualTo(404);
    assertThat(text(refused)).contains("MANIFEST_BLOB_UNKNOWN").contains(digest("{}").hex());
    HttpResponse<byte[]> index = pushManifest(REPO, "v1", index(List.of("child"), ""));
    assertThat(text(index)).contains("MANIFEST_BLOB_UNKNOWN");
    assertThat(get(BASE + "v1").statusCode()).isEqualTo(404);
  }

  @Test
  void put_whatTheSpecificationAllows_isAccepted() throws Exception {
    byte[] config = "{}".getBytes(UTF_8);
    pushBlob(REPO, config);
    String image = imageManifest(REPO, "one");
    pushManifest(REPO, "v1", image);
    String foreign =
        manifest(config, "x".getBytes(UTF_8), "")
            .replace(
                "layer.v1.tar\"", "layer.nondistributable.v1.tar\",\"urls\":[\"http://x.test\"]");
    String noLayers =
        manifest(config, config, "").replaceAll("\"layers\":\\[.*\\]", "\"layers\":[]");
    String unknownFields = manifest(config, config, ",\"extra\":{\"deep\":[1,null,{}]}");
    String nested = index(List.of(image), "");
    pushManifest(REPO, "nested", nested);
    for (String accepted :
        List.of(
            index(List.of(), ""),
            nested,
            index(List.of(nested), "").replaceFirst("image.manifest", "image.index"),
            foreign,
            noLayers,
            unknownFields)) {
      assertThat(pushManifest(REPO, "accepted", accepted).statusCode()).as(accepted).isEqualTo(201);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "null",
        "[]",
        "\u0000\u0001",
        "{\"schemaVersion\":1}",
        "{\"schemaVersion\":2,\"config\":7,\"layers\":[]}",
        "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a/b\",\"digest\":\"sha256:zz\",\"size\":1},"
            + "\"layers\":[]}",
        "{\"schemaVersion\":2,\"layers\":[]}"
      })
  void put_malformed_isManifestInvalid(String manifest) throws Exception {
    HttpResponse<byte[]> refused = pushManifest(REPO, "v1", manifest);
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(text(refused)).contains("MANIFEST_INVALID");
    assertThat(header(refused, "content-type")).isEqualTo("application/json");
  }

  @Test
  void put_largeManifest_isAcceptedUpTo4MiBAnd413Beyond() throws Exception {
    String manifest = imageManifest(REPO, "one");
    String padding = ",\"annotations\":{\"a\":\"%s\"}}";
    String large = manifest.replaceAll("}$", padding.formatted("x".repeat(3_900_000)));
    assertThat(pushManifest(REPO, "large", large).statusCode()).isEqualTo(201);
    assertThat(text(get(BASE + "large"))).isEqualTo(large);
    String tooLarge = manifest.replaceAll("}$", padding.formatted("x".repeat(4 << 20)));
    assertThat(pushManifest(REPO, "v1", tooLarge).statusCode()).isEqualTo(413);
    assertThat(
            send("PUT", BASE + "v1", chunked(tooLarge.getBytes(UTF_8)), "Content-Type", MANIFEST)
                .statusCode())
        .isEqualTo(413);
  }

  @Test
  void put_tagAgain_movesItAtOnce() throws Exception {
    String first = imageManifest(REPO, "one");
    String second = imageManifest(REPO, "two");
    for (int i = 0; i < 5; i++) {
      for (String manifest : List.of(first, second)) {
        pushManifest(REPO, "latest", manifest);
        assertThat(text(get(BASE + "latest"))).isEqualTo(manifest);
      }
    }
  }

  @Test
  void delete_tag_leavesTheDigest() throws Exception {
    String manifest = imageManifest(REPO, "one");
    pushManifest(REPO, "v1", manifest);
    get(BASE + "v1");
    assertThat(delete(BASE + "v1").statusCode()).isEqualTo(202);
    assertThat(head(BASE + "v1").statusCode()).isEqualTo(404);
    assertThat(head(BASE + digest(manifest)).statusCode()).isEqualTo(200);
    HttpResponse<byte[]> again = delete(BASE + "v1");
    assertThat(again.statusCode()).isEqualTo(404);
    assertThat(text(again)).contains("MANIFEST_UNKNOWN");
  }

  @Test
  void delete_digest_removesItsTags() throws Exception {
    String manifest = imageManifest(REPO, "one");
    pushManifest(REPO, "v1", manifest);
    pushManifest(REPO, "v2", manifest);
    get(BASE + "v1");
    get(BASE + "v2");
    assertThat(delete(BASE + digest(manifest)).statusCode()).isEqualTo(202);
    for (String reference : List.of("v1", "v2", digest(manifest).toString())) {
      assertThat(head(BASE + reference).statusCode()).isEqualTo(404);
    }
    assertThat(text(get("/v2/" + REPO + "/tags/list"))).contains("\"tags\":[]");
  }

  @Test
  void everything_afterARestart_isThere() throws Exception {
    String manifest = imageManifest(REPO, "one");
    pushManifest(REPO, "v1", manifest);
    restart();
    assertThat(text(get(BASE + "v1"))).isEqualTo(manifest);
  }
}
