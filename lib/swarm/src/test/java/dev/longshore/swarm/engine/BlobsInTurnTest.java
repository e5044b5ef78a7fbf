package dev.longshore.swarm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BlobsInTurnTest {
  private static final int PIECE = 256 << 10;
  private final BlobsInTurn<String, String> waiting = new BlobsInTurn<>();

  private List<String> all() {
    List<String> order = new ArrayList<>();
    for (String next = waiting.next(); next != null; next = waiting.next()) {
      order.add(next);
    }
    return order;
  }

  @Test
  void next_oneBlob_isTheOneWhoHasLeast() {
    waiting.add("blob", "much", PIECE, 900);
    waiting.add("blob", "little", PIECE, 10);
    assertThat(all()).containsExactly("little", "much");
  }

  @Test
  void next_aThousandWantOneBlobAndOneAnother_heGetsEverySecondTurn() {
    for (int each = 0; each < 1_000; each++) {
      waiting.add("wanted", "peer " + each, PIECE, 0);
    }
    int his = 0;
    waiting.add("other", "he", PIECE, 999);
    for (int turn = 0; turn < 100; turn++) {
      String next = waiting.next();
      if ("he".equals(next)) {
        his++;
        waiting.add("other", "he", PIECE, 999); // for his next piece
      }
    }
    assertThat(his).isBetween(49, 51);
  }

  @Test
  void next_largePiecesBesideSmallOnes_getTheSameBytes() {
    long[] bytes = new long[2];
    waiting.add("large", "0", 16 * PIECE, 0);
    waiting.add("small", "1", PIECE, 0);
    for (int turn = 0; turn < 1_700; turn++) {
      if ("0".equals(waiting.next())) {
        bytes[0] += 16 * PIECE;
        waiting.add("large", "0", 16 * PIECE, 0);
      } else {
        bytes[1] += PIECE;
        waiting.add("small", "1", PIECE, 0);
      }
    }
    assertThat((double) bytes[0] / bytes[1]).isBetween(0.95, 1.05);
  }

  @Test
  void removeIf_someWait_waitNoMore() {
    waiting.add("one", "a", PIECE, 0);
    waiting.add("other", "b", PIECE, 0);
    assertThat(waiting.removeIf("a"::equals)).isTrue();
    assertThat(waiting.removeIf("a"::equals)).isFalse();
    assertThat(all()).containsExactly("b");
  }
}
