package dev.longshore.origin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.ImageIndex;
import dev.longshore.oci.Manifest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Distribution-spec, "Content discovery": tags, referrers; and the catalog. */
class ContentDiscoveryTest extends RegistryTestCase {
  private static final String TAGS = "/v2/" + REPO + "/tags/list";
  private static final String REFERRERS = "/v2/" + REPO + "/referrers/";

  @Test
  void ping_is200() throws Exception {
    assertThat(get("/v2/").statusCode()).isEqualTo(200);
    assertThat(header(get("/v2/"), "docker-distribution-api-version")).isEqualTo("registry/2.0");
    assertThat(text(get("/"))).contains("Longshore");
  }

  @Test
  void tags_pages_followTheSpecification() throws Exception {
    String manifest = imageManifest(REPO, "one");
    for (String tag : List.of("c", "a", "B", "d")) {
      pushManifest(REPO, tag, manifest);
    }
    assertThat(text(get(TAGS)))
        .isEqualTo("{\"name\":\"" + REPO + "\",\"tags\":[\"B\",\"a\",\"c\",\"d\"]}");
    assertThat(header(get(TAGS), "link")).isEmpty();
    HttpResponse<byte[]> page = get(TAGS + "?n=2");
    assertThat(text(page)).contains("[\"B\",\"a\"]");
    assertThat(header(page, "link")).isEqualTo("<" + TAGS + "?n=2&last=a>; rel=\"next\"");
    HttpResponse<byte[]> next = get(TAGS + "?n=2&last=a");
    assertThat(text(next)).contains("[\"c\",\"d\"]");
    assertThat(header(next, "link")).isEmpty();
    assertThat(text(get(TAGS + "?last=a"))).contains("[\"c\",\"d\"]");
    assertThat(text(get(TAGS + "?n=100&last=d"))).contains("\"tags\":[]");
    HttpResponse<byte[]> none = get(TAGS + "?n=0");
    assertThat(none.statusCode()).isEqualTo(200);
    assertThat(text(none)).contains("\"tags\":[]");
    assertThat(header(none, "link")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "x", "", "99999999999999999999999", "1e3"})
  void tags_nIsNotANumber_is400(String n) throws Exception {
    assertThat(get(TAGS + "?n=" + n).statusCode()).isEqualTo(400);
  }

  @Test
  void tags_unknownRepository_is404() throws Exception {
    HttpResponse<byte[]> missing = get("/v2/conformance/none/tags/list");
    assertThat(missing.statusCode()).isEqualTo(404);
    assertThat(text(missing)).contains("NAME_UNKNOWN");
  }

  @Test
  void catalog_pages_listEveryRepository() throws Exception {
    for (String name : List.of("b/two", "a", "c")) {
      pushManifest(name, "v1", imageManifest(name, "one"));
    }
    assertThat(text(get("/v2/_catalog"))).isEqualTo("{\"repositories\":[\"a\",\"b/two\",\"c\"]}");
    assertThat(header(get("/v2/_catalog?n=2"), "link"))
        .isEqualTo("</v2/_catalog?n=2&last=b%2Ftwo>; rel=\"next\"");
    assertThat(text(get("/v2/_catalog?n=2&last=b%2Ftwo"))).contains("[\"c\"]");
  }

  @Test
  void referrers_nothingEverPushed_isAnEmptyIndex() throws Exception {
    HttpResponse<byte[]> empty = get("/v2/conformance/none/referrers/" + NOWHERE);
    assertThat(empty.statusCode()).isEqualTo(200);
    assertThat(header(empty, "content-type")).isEqualTo(INDEX);
    assertThat(text(empty)).contains("\"schemaVersion\":2").contains("\"mediaType\":\"" + INDEX);
    assertThat(Manifest.parse(empty.body(), INDEX).children()).isEmpty();
    assertThat(get("/v2/conformance/none/referrers/sha256:bad").statusCode()).isEqualTo(400);
  }

  @Test
  void referrers_ofASubject_areListedAndFiltered() throws Exception {
    String image = imageManifest(REPO, "one");
    String subject = ",\"subject\":" + descriptor(MANIFEST, image.getBytes(UTF_8));
    byte[] config = "{\"seed\":\"one\"}".getBytes(UTF_8);
    String typed =
        manifest(
            config, config, subject + ",\"artifactType\":\"a/sbom\",\"annotations\":{\"k\":\"v\"}");
    String untyped = manifest(config, config, subject);
    String list = index(List.of(), subject);

    // The subject need not exist yet.
    for (String referrer : List.of(typed, untyped, list)) {
      HttpResponse<byte[]> pushed = pushManifest(REPO, digest(referrer).toString(), referrer);
      assertThat(pushed.statusCode()).isEqualTo(201);
      assertThat(header(pushed, "oci-subject")).isEqualTo(digest(image).toString());
    }

    HttpResponse<byte[]> all = get(REFERRERS + digest(image));
    assertThat(header(all, "oci-filters-applied")).isEmpty();
    List<Descriptor> found = ((ImageIndex) Manifest.parse(all.body(), INDEX)).manifests();
    assertThat(found)
        .extracting(Descriptor::digest, Descriptor::mediaType, Descriptor::artifactType)
        .containsExactlyInAnyOrder(
            org.assertj.core.api.Assertions.tuple(digest(typed), MANIFEST, "a/sbom"),
            org.assertj.core.api.Assertions.tuple(
                digest(untyped), MANIFEST, "application/vnd.oci.image.config.v1+json"),
            org.assertj.core.api.Assertions.tuple(digest(list), INDEX, null));

    HttpResponse<byte[]> filtered = get(REFERRERS + digest(image) + "?artifactType=a/sbom");
    assertThat(header(filtered, "oci-filters-applied")).isEqualTo("artifactType");
    assertThat(((ImageIndex) Manifest.parse(filtered.body(), INDEX)).manifests())
        .singleElement()
        .satisfies(one -> {
          assertThat(one.digest()).isEqualTo(digest(typed));
          assertThat(one.size()).isEqualTo(typed.length());
          assertThat(one.annotations()).isEqualTo(Map.of("k", "v"));
        });
    delete("/v2/" + REPO + "/manifests/" + digest(typed));
    assertThat(text(get(REFERRERS + digest(image)))).doesNotContain(digest(typed).toString());
  }
}
