package dev.longshore.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProgressTextTest {
  private static final long SECOND = 1_000_000_000L;

  private static ProgressSnapshot at(long done, long total, double rate, ByteOrigins from) {
    return new ProgressSnapshot(total, done, done, 4 * SECOND, rate, Optional.of(from));
  }

  @Test
  void line_inTheMiddle_hasShareRateTimeAndOrigins() {
    ByteOrigins from = new ByteOrigins(50_000_000, 11_000_000, 39_000_000, 0);

    assertThat(ProgressText.line(at(88_100_000, 202_500_000, 25_700_000, from)))
        .isEqualTo(" 43 %  88.1 of 202.5 MB  25.7 MB/s  0:05 left  peers 61 %, source 39 %");
  }

  @Test
  void line_nothingMoves_promisesNoEnd() {
    assertThat(ProgressText.line(at(1, 202_500_000, 0, ByteOrigins.NONE)))
        .isEqualTo("  0 %  0.0 of 202.5 MB  0 B/s");
  }

  @Test
  void summary_partlyThereBefore_tellsBoth() {
    ProgressSnapshot last =
        new ProgressSnapshot(
            10_000_000,
            10_000_000,
            6_000_000,
            2 * SECOND,
            0,
            Optional.of(new ByteOrigins(4_000_000, 0, 1_500_000, 500_000)));

    assertThat(ProgressText.summary(last))
        .isEqualTo(
            "6.0 MB in 2.0 s, 3.0 MB/s: 4.0 MB from peers, 1.5 MB from the source,"
                + " 500.0 kB from the agent's store; 4.0 MB were here already");
  }

  @Test
  void summary_cutOff_saysHowFarItCame() {
    assertThat(ProgressText.summary(at(3_000_000, 10_000_000, 1, ByteOrigins.NONE)))
        .startsWith("not finished, run again to go on: 3.0 of 10.0 MB; ");
  }

  @Test
  void bar_longestText_fitsEightyColumns() {
    ProgressSnapshot huge =
        at(1_999_900_000_000L, 2_000_000_000_000L, 999_900_000, new ByteOrigins(1, 0, 1, 0));

    assertThat(TerminalBar.line(huge)).hasSizeLessThan(80).contains(" left");
    assertThat(TerminalBar.line(at(50, 100, 10, ByteOrigins.NONE)))
        .startsWith("[############------------] ");
  }

  @Test
  void amounts_unitsChange_neverShowAThousand() {
    assertThat(Amounts.bytes(999)).isEqualTo("999 B");
    assertThat(Amounts.bytes(1_000)).isEqualTo("1.0 kB");
    assertThat(Amounts.bytes(999_999)).isEqualTo("1.0 MB");
    assertThat(Amounts.time(59)).isEqualTo("0:59");
    assertThat(Amounts.time(3_723)).isEqualTo("1:02:03");
  }
}
