package dev.longshore.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ReferenceTest {
  private static final String SHA =
      "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  @ParameterizedTest
  @CsvSource({
    "alpine, docker.io/library/alpine:latest",
    "alpine:3.20, docker.io/library/alpine:3.20",
    "team/app, docker.io/team/app:latest",
    "docker.io/alpine, docker.io/library/alpine:latest",
    "index.docker.io/library/alpine, docker.io/library/alpine:latest",
    "localhost/app, localhost/app:latest",
    "localhost:5000/a/b/c:v1, localhost:5000/a/b/c:v1",
    "127.0.0.1:5000/demo/py:v1, 127.0.0.1:5000/demo/py:v1",
    "[::1]:5000/app:v1, [::1]:5000/app:v1",
    "Registry.Example/app, Registry.Example/app:latest",
    "UPPER/app, UPPER/app:latest",
    "example.com/a__b/c-d--e/f.g, example.com/a__b/c-d--e/f.g:latest",
  })
  void parse_validText_fillsInTheDefaults(String text, String canonical) {
    assertThat(Reference.parse(text).toString()).isEqualTo(canonical);
  }

  @Test
  void parse_tagAndDigest_keepsBothAndTargetsTheDigest() {
    Reference reference = Reference.parse("example.com:443/a/b:v1@" + SHA);
    assertThat(reference.tag()).isEqualTo(new Tag("v1"));
    assertThat(reference.target()).isEqualTo(Digest.parse(SHA));
    assertThat(reference.toString()).isEqualTo("example.com:443/a/b:v1@" + SHA);
  }

  @Test
  void toString_digestOnly_addsNoTag() {
    assertThat(Reference.parse("alpine@" + SHA).toString())
        .isEqualTo("docker.io/library/alpine@" + SHA);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "/alpine",
        "alpine/",
        "Alpine",
        "team//app",
        "a..b",
        "a___b",
        "-a",
        "a-",
        "app:",
        "app:-v1",
        "app@",
        "app@sha256:abc",
        "app@md5:d41d8cd98f00b204e9800998ecf8427e",
        "app:v1:v2",
        "example.com:/app",
        "example.com:0/app",
        "example.com:70000/app",
        "exa_mple.com/app",
        ".com/app",
        "https://example.com/app",
        "example.com/../etc",
        "example.com/app?x=1",
        "example.com/app\n:v1",
        "[::1/app",
      })
  void parse_malformedText_isRefusedWithAReason(String text) {
    assertThatThrownBy(() -> Reference.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("not an image reference");
    assertThat(Reference.tryParse(text)).isEmpty();
  }

  @Test
  void parse_nameOfTheLimit_isAcceptedAndOneMoreRefused() {
    String name = "example.com/" + "a".repeat(255 - 12);
    assertThat(Reference.parse(name).repository().value()).hasSize(243);
    assertThatThrownBy(() -> Reference.parse(name + "a"))
        .hasMessageContaining("longer than 255 characters");
  }

  @Test
  void tag_of128Characters_isAcceptedAndOneMoreRefused() {
    assertThat(Tag.tryParse("x".repeat(128))).isPresent();
    assertThat(Tag.tryParse("x".repeat(129))).isEmpty();
  }

  @Test
  void tagOrDigest_tellsThemApart() {
    assertThat(TagOrDigest.tryParse("v1")).contains(new Tag("v1"));
    assertThat(TagOrDigest.tryParse(SHA)).contains(Digest.parse(SHA));
    assertThat(TagOrDigest.tryParse("sha256:bad")).isEmpty();
  }

  /** Whatever is accepted must survive a round trip; whatever is refused must be refused tidily. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void parse_randomText_roundTripsOrIsRefused(long seed) {
    Random random = new Random(seed);
    String[] atoms = {
      "a",
      "Z",
      "0",
      ".",
      ":",
      "/",
      "@",
      "_",
      "-",
      "__",
      "localhost",
      "example.com",
      ":5000",
      "[",
      "]",
      SHA,
      "library",
      "%2f",
      "é",
      "\0",
      "latest"
    };
    int accepted = 0;
    for (int i = 0; i < 4_000; i++) {
      StringBuilder text = new StringBuilder();
      int length = random.nextInt(8);
      for (int j = 0; j < length; j++) {
        text.append(atoms[random.nextInt(atoms.length)]);
      }
      Optional<Reference> reference = Reference.tryParse(text.toString());
      if (reference.isPresent()) {
        accepted++;
        Reference canonical = reference.get();
        Reference again = Reference.parse(canonical.toString());
        assertThat(again.toString())
            .as("seed %d, text %s", seed, text)
            .isEqualTo(canonical.toString());
        assertThat(again.target()).isEqualTo(canonical.target());
      }
    }
    assertThat(accepted).as("seed %d", seed).isPositive();
  }

  @Test
  void parse_hugeHostileName_isRefusedAtOnce() {
    assertThat(Reference.tryParse("a-".repeat(1_000_000))).isEmpty();
    assertThat(RepositoryName.tryParse("a-".repeat(127) + "/")).isEmpty();
  }
}
