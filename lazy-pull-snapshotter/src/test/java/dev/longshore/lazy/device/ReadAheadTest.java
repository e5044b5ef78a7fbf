package dev.longshore.lazy.device;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReadAheadTest {
  private final ReadAhead readAhead = new ReadAhead(8);

  @Test
  void asked_inOrder_readsTwiceAsManyEachTime() {
    assertThat(readAhead.asked(0, 0)).isZero();
    assertThat(readAhead.asked(1, 1)).isEqualTo(1);
    assertThat(readAhead.asked(3, 3)).as("after the one read ahead").isEqualTo(2);
    assertThat(readAhead.asked(6, 6)).isEqualTo(4);
    assertThat(readAhead.asked(11, 11)).isEqualTo(8);
    assertThat(readAhead.asked(20, 20)).as("no more than the limit").isEqualTo(8);
  }

  @Test
  void asked_hereAndThere_readsNothingAhead() {
    assertThat(readAhead.asked(5, 5)).isZero();
    assertThat(readAhead.asked(2, 2)).isZero();
    assertThat(readAhead.asked(9, 10)).isZero();
    assertThat(readAhead.asked(12, 12)).isZero();
  }

  @Test
  void asked_elsewhereAfterReadingInOrder_beginsAnew() {
    readAhead.asked(0, 0);
    readAhead.asked(1, 1);

    assertThat(readAhead.asked(100, 100)).isZero();
    assertThat(readAhead.asked(101, 102)).isEqualTo(1);
  }
}
