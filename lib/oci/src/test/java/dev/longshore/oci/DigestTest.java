package dev.longshore.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DigestTest {
  private static final String EMPTY =
      "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  @Test
  void sha256_emptyInput_isTheKnownVector() {
    assertThat(Digest.sha256(new byte[0]).toString()).isEqualTo(EMPTY);
  }

  @Test
  void parse_canonicalText_roundTrips() {
    Digest digest = Digest.parse(EMPTY);
    assertThat(digest.algorithm()).isEqualTo(Digest.Algorithm.SHA256);
    assertThat(Digest.of(digest.algorithm(), digest.hash())).isEqualTo(digest);
    assertThat(digest.hex()).hasSize(64).startsWith("e3b0");
  }

  @Test
  void parse_sha512_isAccepted() {
    byte[] hash = Digest.Algorithm.SHA512.newHasher().digest("x".getBytes(UTF_8));
    Digest digest = Digest.of(Digest.Algorithm.SHA512, hash);
    assertThat(Digest.parse(digest.toString())).isEqualTo(digest);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "sha256:",
        "sha256:baddigeststring",
        "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8555",
        "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "md5:d41d8cd98f00b204e9800998ecf8427e",
        "sha512:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha256:../../../../etc/passwd00000000000000000000000000000000000000000"
      })
  void parse_anythingElse_isRefused(String text) {
    assertThatThrownBy(() -> Digest.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
