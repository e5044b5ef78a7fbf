package dev.longshore.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OciErrorBodyTest {

  @Test
  void parse_writtenBody_yieldsTheSameEntry() {
    OciErrorEntry entry = new OciErrorEntry("MANIFEST_UNKNOWN", "no such \"tag\"", "v1");
    assertThat(OciErrorBody.parse(OciErrorBody.write(entry))).containsExactly(entry);
    assertThat(entry.known()).contains(OciError.MANIFEST_UNKNOWN);
  }

  @Test
  void parse_foreignDetail_isKeptAsJson() {
    String body = "{\"errors\":[{\"code\":\"X\",\"detail\":{\"a\":1}}]}";
    assertThat(OciErrorBody.parse(body.getBytes(UTF_8)))
        .containsExactly(new OciErrorEntry("X", "", "{\"a\":1}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "<html>", "[]", "{}", "{\"errors\":{}}", "{\"errors\":[1,null]}"})
  void parse_anythingElse_isEmpty(String body) {
    assertThat(OciErrorBody.parse(body.getBytes(UTF_8))).isEmpty();
  }
}
