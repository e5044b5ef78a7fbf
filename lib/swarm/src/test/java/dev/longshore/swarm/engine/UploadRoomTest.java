package dev.longshore.swarm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class UploadRoomTest {
  private static final int PIECE = 1000;
  private final UploadRoom<String, String> room = new UploadRoom<>(20 * PIECE);

  @Test
  void enter_untilTheBytesAreFull_thenRefuses() {
    for (int request = 0; request < 20; request++) {
      assertThat(room.enter("blob", PIECE)).as("request %d", request).isTrue();
    }
    assertThat(room.enter("blob", PIECE)).isFalse();
  }

  @Test
  void enter_aFewLargePieces_fitWhateverTheirSize() {
    for (int request = 0; request < 8; request++) {
      assertThat(room.enter("blob", 100 * PIECE)).as("request %d", request).isTrue();
    }
    assertThat(room.enter("blob", 1)).isFalse();
  }

  @Test
  void enter_blobOfWhichNothingWaits_hasRoomForTwoWhenAnotherFillsItAll() {
    fill();
    assertThat(room.enter("blob", PIECE)).isFalse();
    assertThat(room.enter("other", PIECE)).isTrue();
    assertThat(room.enter("other", PIECE)).isTrue();
    assertThat(room.enter("other", PIECE)).isFalse();
  }

  @Test
  void leave_aThousandOfOneBlobAndOneOfAnotherWereRefused_theOneIsCalledWithTheFirst() {
    fill();
    for (int each = 0; each < 1_000; each++) {
      room.refuse("blob", "peer " + each, 0);
    }
    room.refuse("other", "the one", 999);
    List<String> called = new ArrayList<>(room.leave("blob", PIECE));
    called.addAll(room.leave("blob", PIECE));
    assertThat(called).contains("the one");
  }

  @Test
  void leave_whileSomeWereRefused_callsTheNeediestAndNoMoreThanThereIsRoomFor() {
    fill();
    room.refuse("blob", "has much", 800);
    room.refuse("blob", "has little", 10);
    assertThat(room.leave("blob", PIECE)).containsExactly("has little");
    assertThat(room.leave("blob", PIECE)).containsExactly("has much");
    assertThat(room.leave("blob", PIECE)).isEmpty();
  }

  @Test
  void leave_theCalledDoNotCome_othersAreCalledUntilNobodyIsLeft() {
    fill();
    for (int each = 0; each < 24; each++) {
      room.refuse("blob", "peer " + each, each);
    }
    int called = 0;
    for (int request = 0; request < 20; request++) {
      called += room.leave("blob", PIECE).size();
    }
    assertThat(called).isEqualTo(24);
  }

  @Test
  void forget_oneThatWasRefused_isNotCalled() {
    fill();
    room.refuse("blob", "gone", 1);
    assertThat(room.forget("gone")).isTrue();
    assertThat(room.forget("gone")).isFalse();
    assertThat(room.leave("blob", PIECE)).isEmpty();
  }

  private void fill() {
    while (room.enter("blob", PIECE)) {
      // until it is full
    }
  }
}
