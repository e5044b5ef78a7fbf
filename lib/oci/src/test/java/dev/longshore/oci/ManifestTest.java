package dev.longshore.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ManifestTest {
  private static final Descriptor CONFIG =
      new Descriptor(MediaTypes.OCI_CONFIG, Digest.sha256("config".getBytes(UTF_8)), 6);
  private static final Descriptor LAYER =
      new Descriptor(MediaTypes.OCI_LAYER_GZIP, Digest.sha256("layer".getBytes(UTF_8)), 5);

  private static final String D =
      "\"digest\":\"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"";
  private static final String CONFIG_JSON =
      "{\"mediaType\":\"application/vnd.oci.image.config.v1+json\"," + D + ",\"size\":2}";

  @Test
  void parse_writtenImage_yieldsTheSameFieldsAndVerbatimBytes() throws Exception {
    ImageManifest written =
        ImageManifest.of(
            CONFIG, List.of(LAYER), Map.of("k", "v"), "application/x", LAYER.withPlatform(null));
    Manifest parsed = Manifest.parse(written.bytes(), MediaTypes.OCI_MANIFEST + "; charset=utf-8");
    assertThat(parsed).isEqualTo(written).isInstanceOf(ImageManifest.class);
    assertThat(parsed.bytes()).isEqualTo(written.bytes());
    assertThat(parsed.children()).containsExactly(CONFIG, LAYER);
    assertThat(parsed.subject()).isEqualTo(LAYER);
    assertThat(parsed.artifactType()).isEqualTo("application/x");
    assertThat(parsed.annotations()).containsExactly(Map.entry("k", "v"));
    assertThat(parsed.descriptor().size()).isEqualTo(written.bytes().length);
  }

  @Test
  void parse_writtenIndex_yieldsPlatforms() throws Exception {
    Descriptor amd = LAYER.withPlatform(new Platform("linux", "amd64"));
    Descriptor arm = CONFIG.withPlatform(new Platform("linux", "arm64", "v8", null));
    ImageIndex written = ImageIndex.of(List.of(amd, arm), Map.of());
    ImageIndex parsed = (ImageIndex) Manifest.parse(written.bytes(), null);
    assertThat(parsed.manifests()).containsExactly(amd, arm);
    assertThat(parsed.manifestFor(Platform.parse("linux/arm64"))).contains(arm);
    assertThat(parsed.manifestFor(Platform.parse("linux/riscv64"))).isEmpty();
  }

  @Test
  void parse_dockerManifest_isAnImage() throws Exception {
    Manifest manifest =
        parse(
            "{\"schemaVersion\":2,\"mediaType\":\""
                + MediaTypes.DOCKER_MANIFEST
                + "\",\"config\":"
                + CONFIG_JSON
                + ",\"layers\":null}",
            MediaTypes.DOCKER_MANIFEST);
    assertThat(manifest.mediaType()).isEqualTo(MediaTypes.DOCKER_MANIFEST);
    assertThat(((ImageManifest) manifest).layers()).isEmpty();
  }

  @Test
  void parse_emptyIndexAndUnknownFields_areAccepted() throws Exception {
    assertThat(parse("{\"schemaVersion\":2,\"x\":[1],\"manifests\":[]}", "").children()).isEmpty();
  }

  @Test
  void referrerDescriptor_imageWithoutArtifactType_hasTheConfigsMediaType() {
    ImageManifest image = ImageManifest.of(CONFIG, List.of(), Map.of("a", "b"));
    assertThat(image.referrerDescriptor().artifactType()).isEqualTo(MediaTypes.OCI_CONFIG);
    assertThat(image.referrerDescriptor().annotations()).containsEntry("a", "b");
    assertThat(ImageIndex.of(List.of(), Map.of()).referrerDescriptor().artifactType()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{",
        "{} {}",
        "{\"schemaVersion\":1,\"manifests\":[]}",
        "{\"schemaVersion\":\"2\",\"manifests\":[]}",
        "{\"manifests\":[]}",
        "{\"schemaVersion\":2}",
        "{\"schemaVersion\":2,\"layers\":[]}",
        "{\"schemaVersion\":2,\"config\":{},\"layers\":[]}",
        "{\"schemaVersion\":2,\"config\":[],\"layers\":[]}",
        "{\"schemaVersion\":2,\"manifests\":{}}",
        "{\"schemaVersion\":2,\"manifests\":[null]}",
        "{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}",
        "{\"schemaVersion\":2,\"manifests\":[],\"manifests\":[]}",
        "{\"schemaVersion\":2,\"manifests\":[],\"annotations\":{\"a\":1}}",
        "{\"schemaVersion\":2,\"manifests\":[],\"annotations\":[]}",
        "{\"schemaVersion\":2,\"manifests\":[],\"subject\":{\"digest\":\"sha256:x\"}}",
        "{\"schemaVersion\":2,\"manifests\":[],\"mediaType\":7}",
        "{\"schemaVersion\":2,\"manifests\":[],\"mediaType\":\"text/html\"}",
        "{\"schemaVersion\":2,\"manifests\":[],\"artifactType\":{}}",
      })
  void parse_malformedDocument_isTheOneCheckedException(String json) {
    assertThatThrownBy(() -> parse(json, "")).isInstanceOf(MalformedManifestException.class);
  }

  @ParameterizedTest
  @CsvSource({"-1", "1.5", "1e3", "\"5\"", "9223372036854775808", "null", "1e999999999"})
  void parse_badSize_isRefused(String size) {
    String json =
        "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"a/b\","
            + D
            + ",\"size\":"
            + size
            + "},\"layers\":[]}";
    assertThatThrownBy(() -> parse(json, "")).isInstanceOf(MalformedManifestException.class);
  }

  @Test
  void parse_typeThatContradictsTheContentType_isRefused() {
    byte[] index = ImageIndex.of(List.of(), Map.of()).bytes();
    assertThatThrownBy(() -> Manifest.parse(index, MediaTypes.OCI_MANIFEST))
        .isInstanceOf(MalformedManifestException.class)
        .hasMessageContaining("came as " + MediaTypes.OCI_MANIFEST);
  }

  @Test
  void parse_schema1_saysSo() {
    assertThatThrownBy(() ->
            parse("{\"schemaVersion\":1}", "application/vnd.docker.distribution.manifest.v1+json"))
        .hasMessageContaining("schema 1 is not supported");
  }

  @Test
  void parse_tooLargeOrTooDeep_isRefused() {
    String deep = "{\"schemaVersion\":2,\"manifests\":[],\"x\":" + "[".repeat(100_000);
    assertThatThrownBy(() -> parse(deep, "")).isInstanceOf(MalformedManifestException.class);
    assertThatThrownBy(() -> Manifest.parse(new byte[Manifest.MAX_BYTES + 1], null))
        .isInstanceOf(MalformedManifestException.class)
        .hasMessageContaining("larger than 4194304 bytes");
  }

  @Test
  void parse_utf16_isRefused() {
    byte[] utf16 =
        "{\"schemaVersion\":2,\"manifests\":[]}"
            .getBytes(java.nio.charset.StandardCharsets.UTF_16LE);
    assertThatThrownBy(() -> Manifest.parse(utf16, null))
        .isInstanceOf(MalformedManifestException.class);
  }

  /** Mutates valid documents: every outcome but a manifest or the checked exception is a bug. */
  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13})
  void parse_mutatedDocument_neverFailsOtherwise(long seed) {
    Random random = new Random(seed);
    byte[][] seeds = {
      ImageManifest.of(CONFIG, List.of(LAYER, LAYER), Map.of("k", "é"), "a/b", LAYER).bytes(),
      ImageIndex.of(List.of(LAYER.withPlatform(Platform.current())), Map.of("a", "b")).bytes(),
    };
    String[] splices = {"null", "{}", "[]", "1e400", "\"\\ud800\"", "-0", "\u0000", "[[[[", "}}"};
    for (int i = 0; i < 3_000; i++) {
      byte[] bytes = seeds[random.nextInt(seeds.length)].clone();
      int changes = 1 + random.nextInt(4);
      for (int j = 0; j < changes; j++) {
        int at = random.nextInt(bytes.length);
        if (random.nextBoolean()) {
          bytes[at] = (byte) random.nextInt(256);
        } else {
          byte[] splice = splices[random.nextInt(splices.length)].getBytes(UTF_8);
          int count = Math.min(splice.length, bytes.length - at);
          System.arraycopy(splice, 0, bytes, at, count);
        }
      }
      try {
        assertThat(Manifest.parse(bytes, null).bytes()).isEqualTo(bytes);
      } catch (MalformedManifestException expected) {
        assertThat(expected.getMessage()).isNotBlank();
      } catch (RuntimeException e) {
        fail("seed " + seed + ", round " + i + ": " + new String(bytes, UTF_8), e);
      }
    }
  }

  private static Manifest parse(String json, String contentType) throws MalformedManifestException {
    return Manifest.parse(json.getBytes(UTF_8), contentType);
  }
}
