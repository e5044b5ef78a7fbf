package dev.longshore.agent.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteRangeTest {
  private static final long SIZE = 1000;

  @ParameterizedTest
  @CsvSource({
    "bytes=0-0, 0, 1",
    "bytes=0-499, 0, 500",
    "bytes=500-, 500, 500",
    "bytes=-300, 700, 300",
    "bytes=-5000, 0, 1000",
    "bytes=900-5000, 900, 100",
    "bytes=0-999999999999999999, 0, 1000",
  })
  void of_oneRange_isClampedToTheBlob(String header, long offset, long length) {
    assertThat(ByteRange.of(header, SIZE)).contains(new ByteRange(offset, length, true));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=1000-", "bytes=5000-6000", "bytes=500-0", "bytes=-0"})
  void of_rangeOutside_isEmpty(String header) {
    assertThat(ByteRange.of(header, SIZE)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes=-",
        "bytes=a-b",
        "bytes=0-1,5-6",
        "items=0-1",
        "",
        "bytes=99999999999999999999-"
      })
  void of_whatIsNotOneRange_isTheWholeBlob(String header) {
    assertThat(ByteRange.of(header, SIZE)).contains(new ByteRange(0, SIZE, false));
  }

  @Test
  void of_noHeader_isTheWholeBlob() {
    assertThat(ByteRange.of(null, SIZE)).contains(new ByteRange(0, SIZE, false));
  }

  @Test
  void isLazy_shortRange_isAndLongerOrTheWholeIsNot() {
    assertThat(new ByteRange(0, 4 << 20, true).isLazy()).isTrue();
    assertThat(new ByteRange(0, (4 << 20) + 1, true).isLazy()).isFalse();
    assertThat(new ByteRange(0, SIZE, false).isLazy()).isFalse();
  }

  @Test
  void contentRange_part_isInclusive() {
    assertThat(new ByteRange(700, 300, true).contentRange(SIZE)).isEqualTo("bytes 700-999/1000");
  }
}
