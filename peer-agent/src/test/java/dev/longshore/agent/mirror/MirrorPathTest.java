package dev.longshore.agent.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.oci.Digest;
import dev.longshore.oci.OciError;
import dev.longshore.oci.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MirrorPathTest {
  private static final Digest DIGEST = Digest.sha256(new byte[] {1});

  @ParameterizedTest
  @ValueSource(strings = {"/v2/", "/v2"})
  void parse_root_isPing(String path) {
    assertThat(MirrorPath.parse(path)).isEqualTo(new MirrorPath.Ping());
  }

  @Test
  void parse_manifestByTag_keepsSlashesInTheName() {
    assertThat(MirrorPath.parse("/v2/a/b/c/manifests/v1"))
        .isEqualTo(new MirrorPath.Manifest("a/b/c", new Tag("v1")));
  }

  @Test
  void parse_manifestByDigest_isManifest() {
    assertThat(MirrorPath.parse("/v2/library/alpine/manifests/" + DIGEST))
        .isEqualTo(new MirrorPath.Manifest("library/alpine", DIGEST));
  }

  @Test
  void parse_percentEncodedDigest_isBlob() {
    String encoded = DIGEST.toString().replace(":", "%3A");
    assertThat(MirrorPath.parse("/v2/alpine/blobs/" + encoded))
        .isEqualTo(new MirrorPath.Blob("alpine", DIGEST));
  }

  @Test
  void parse_repositoryCalledLikeARoute_isNotConfused() {
    assertThat(MirrorPath.parse("/v2/a/blobs/b/manifests/v1"))
        .isEqualTo(new MirrorPath.Manifest("a/blobs/b", new Tag("v1")));
  }

  @Test
  void parse_listings_areTheirOwnKinds() {
    assertThat(MirrorPath.parse("/v2/alpine/tags/list")).isEqualTo(new MirrorPath.Tags("alpine"));
    assertThat(MirrorPath.parse("/v2/alpine/referrers/" + DIGEST))
        .isEqualTo(new MirrorPath.Referrers("alpine", DIGEST));
  }

  @Test
  void parse_transfer_isOurOwnKind() {
    assertThat(MirrorPath.parse("/v2/team/app/_longshore/transfers/" + DIGEST))
        .isEqualTo(new MirrorPath.Transfer("team/app", DIGEST));
  }

  @Test
  void parse_layerIndex_isOurOwnKind() {
    assertThat(MirrorPath.parse("/v2/team/app/_longshore/index/" + DIGEST))
        .isEqualTo(new MirrorPath.LayerIndex("team/app", DIGEST));
  }

  @ParameterizedTest
  @CsvSource({
    "/v2/Upper/manifests/v1, NAME_INVALID",
    "/v2/../../etc/manifests/v1, NAME_INVALID",
    "/v2/a/%2e%2e/manifests/v1, NAME_INVALID",
    "/v2/_manifests/manifests/v1, NAME_INVALID",
    "/v2/alpine/manifests/sha256:baddigest, DIGEST_INVALID",
    "/v2/alpine/manifests/-bad, MANIFEST_UNKNOWN",
    "/v2/alpine/blobs/latest, DIGEST_INVALID",
    "/v2/alpine/referrers/latest, DIGEST_INVALID",
    "/v2/alpine/_longshore/transfers/latest, DIGEST_INVALID",
    "/v2/alpine/_longshore/index/latest, DIGEST_INVALID",
  })
  void parse_wrongPart_isToldInOciWords(String path, OciError error) {
    assertThat(MirrorPath.parse(path))
        .isInstanceOfSatisfying(
            MirrorPath.Invalid.class, invalid -> assertThat(invalid.error()).isEqualTo(error));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/v1/",
        "/v2/alpine",
        "/v2/alpine/blobs/uploads/",
        "/v2/_catalog",
        "/v2/alpine/tags/other",
        "/metrics",
        "/v2/%zz/manifests/v1",
        ""
      })
  void parse_anythingElse_isUnknown(String path) {
    assertThat(MirrorPath.parse(path)).isEqualTo(new MirrorPath.Unknown());
  }
}
