package dev.longshore.layer.span;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.oci.Digest;
import org.junit.jupiter.api.Test;

class SpanTest {
  private static final Digest DIGEST = Digest.sha256(new byte[0]);
  private static final Window WINDOW = Window.of(new byte[] {1, 2});

  @Test
  void input_bitsOfTheByteBefore_beginsWithThatByte() {
    Span midway = new Span(100, 10, 0, 1, new Restart.Midway(3, WINDOW), DIGEST);
    Span aligned = new Span(100, 10, 0, 1, new Restart.Midway(0, WINDOW), DIGEST);

    assertThat(midway.inputOffset()).isEqualTo(99);
    assertThat(midway.inputLength()).isEqualTo(11);
    assertThat(aligned.inputOffset()).isEqualTo(100);
    assertThat(aligned.inputLength()).isEqualTo(10);
  }

  @Test
  void span_impossibleNumbers_areRefused() {
    assertRefused(-1, 1, 0, 1, Restart.FRESH);
    assertRefused(0, 0, 0, 1, Restart.FRESH);
    assertRefused(0, 1, -1, 1, Restart.FRESH);
    assertRefused(0, 1, 0, 0, Restart.FRESH);
    assertRefused(Long.MAX_VALUE, 1, 0, 1, Restart.FRESH);
    assertRefused(0, 1, Long.MAX_VALUE, 1, Restart.FRESH);
    assertRefused(0, 1, 0, 1, new Restart.Midway(1, WINDOW));
  }

  private static void assertRefused(
      long blobOffset, long blobLength, long streamOffset, long streamLength, Restart restart) {
    assertThatThrownBy(
            () -> new Span(blobOffset, blobLength, streamOffset, streamLength, restart, DIGEST))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not a span");
  }

  @Test
  void midway_bitsThatNoByteHas_areRefused() {
    assertThatThrownBy(() -> new Restart.Midway(8, WINDOW))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Restart.Midway(-1, WINDOW))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void window_moreThanDeflateReaches_isRefused() {
    assertThatThrownBy(() -> Window.of(new byte[Window.MAX_BYTES + 1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("32768");
  }
}
