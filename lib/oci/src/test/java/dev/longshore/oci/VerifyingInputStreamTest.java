package dev.longshore.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;

final class VerifyingInputStreamTest {
  private static final byte[] CONTENT = "the content".getBytes(UTF_8);
  private static final Digest DIGEST = Digest.sha256(CONTENT);

  @Test
  void read_rightContent_passesThrough() throws Exception {
    assertThat(stream(CONTENT).readAllBytes()).isEqualTo(CONTENT);
  }

  @Test
  void read_wrongByte_failsAtTheEndWithBothDigests() {
    byte[] wrong = CONTENT.clone();
    wrong[3] ^= 1;
    assertThatThrownBy(() -> stream(wrong).readAllBytes())
        .isInstanceOf(DigestMismatchException.class)
        .hasMessageContaining(DIGEST.toString())
        .hasMessageContaining(Digest.sha256(wrong).toString());
  }

  @Test
  void read_truncatedContent_fails() {
    assertThatThrownBy(() -> stream("the".getBytes(UTF_8)).readAllBytes())
        .isInstanceOf(EOFException.class);
  }

  @Test
  void read_longerContent_failsBeforeItsEnd() {
    assertThatThrownBy(() -> stream("the content and more".getBytes(UTF_8)).read(new byte[20]))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("found more");
  }

  @Test
  void skip_thenRead_stillVerifies() throws Exception {
    InputStream in = stream(CONTENT);
    assertThat(in.skip(4)).isEqualTo(4);
    assertThat(in.read()).isEqualTo('c');
    assertThat(in.readAllBytes()).hasSize(6);
  }

  private static VerifyingInputStream stream(byte[] served) {
    return new VerifyingInputStream(new ByteArrayInputStream(served), DIGEST, CONTENT.length);
  }
}
