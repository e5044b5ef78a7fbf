package dev.longshore.swarm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NeediestFirstTest {
  private final NeediestFirst<String> waiting = new NeediestFirst<>();

  @Test
  void next_whenNobodyWaits_isNobody() {
    assertThat(waiting.next()).isNull();
  }

  @Test
  void next_whoHasTheLeast_comesFirst() {
    waiting.add("much", 900);
    waiting.add("nothing", 0);
    waiting.add("some", 300);
    assertThat(waiting.next()).isEqualTo("nothing");
    assertThat(waiting.next()).isEqualTo("some");
    assertThat(waiting.next()).isEqualTo("much");
  }

  @Test
  void next_amongEquals_isWhoHasWaitedLongest() {
    waiting.add("first", 5);
    waiting.add("second", 5);
    assertThat(waiting.next()).isEqualTo("first");
  }

  @Test
  void next_someonePretendsToHaveNothing_othersStillGetEveryFourthTurn() {
    waiting.add("honest", 999);
    List<String> served = new ArrayList<>();
    for (int turn = 0; turn < 4; turn++) {
      waiting.add("liar " + turn, 0);
      served.add(String.valueOf(waiting.next()));
    }
    assertThat(served).containsExactly("liar 0", "liar 1", "liar 2", "honest");
  }

  @Test
  void removeIf_someWhoWait_leavesTheOthersWithTheirNeeds() {
    for (int each = 0; each < 40; each++) {
      waiting.add("w" + each, 100 - each);
    }
    assertThat(waiting.removeIf(who -> who.endsWith("9"))).isTrue();
    assertThat(waiting.removeIf(who -> who.endsWith("9"))).isFalse();
    assertThat(waiting.next()).isEqualTo("w38");
    assertThat(waiting.next()).isEqualTo("w37");
  }
}
