package dev.longshore.swarm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class CrossingTest {
  private static final int PIECES = 1000;
  private final Crossing crossing = new Crossing(PIECES, new Random(1));

  @BeforeEach
  void manyNeighbours() {
    crossing.near(10);
  }

  @Test
  void allows_inTheBeginning_aShareOfItsOwn() {
    assertThat(allowed()).isBetween(PIECES / 16L, PIECES / 4L);
    Crossing other = new Crossing(PIECES, new Random(2));
    other.near(10);
    assertThat(IntStream.range(0, PIECES))
        .anyMatch(piece -> crossing.allows(piece) != other.allows(piece));
  }

  @Test
  void allows_afterAPeriod_whatSomebodyElsewhereHadAllTheWhile() {
    crossing.period(false, piece -> piece < 100);
    assertThat(IntStream.range(0, 100)).allMatch(crossing::allows);
    assertThat(IntStream.range(100, PIECES)).anyMatch(piece -> !crossing.allows(piece));
  }

  @Test
  void allows_aPieceThatIsHere_not() {
    crossing.period(false, _ -> true);
    crossing.isHere(7);
    assertThat(crossing.allows(7)).isFalse();
    assertThat(crossing.allowsUrgent(7)).isFalse();
    crossing.isNotHere(7);
    assertThat(crossing.allows(7)).isTrue();
  }

  @Test
  void allows_withFewNeighboursOrNoneThatSends_everything() {
    IntStream.range(0, PIECES).forEach(crossing::isHere);
    assertThat(allowed()).isZero();
    crossing.near(1);
    assertThat(allowed()).isEqualTo(PIECES);
    crossing.near(10);
    crossing.period(true, _ -> true);
    assertThat(allowed()).isEqualTo(PIECES);
  }

  @Test
  void allowsUrgent_whatNobodyHereHas_atOnce() {
    assertThat(IntStream.range(0, PIECES)).allMatch(crossing::allowsUrgent);
  }

  private long allowed() {
    return IntStream.range(0, PIECES).filter(crossing::allows).count();
  }
}
