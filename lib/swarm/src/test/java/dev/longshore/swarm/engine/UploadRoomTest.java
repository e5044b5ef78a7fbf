package dev.longshore.swarm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class UploadRoomTest {
  private static final int PIECE = 1000;
  private final UploadRoom<String> room = new UploadRoom<>(20 * PIECE);

  @Test
  void enter_untilTheBytesAreFull_thenRefuses() {
    for (int request = 0; request < 20; request++) {
      assertThat(room.enter(PIECE)).as("request %d", request).isTrue();
    }
    assertThat(room.enter(PIECE)).isFalse();
  }

  @Test
  void enter_aFewLargePieces_fitWhateverTheirSize() {
    for (int request = 0; request < 8; request++) {
      assertThat(room.enter(100 * PIECE)).as("request %d", request).isTrue();
    }
    assertThat(room.enter(1)).isFalse();
  }

  @Test
  void leave_whileSomeWereRefused_callsTheNeediestAndNoMoreThanThereIsRoomFor() {
    fill();
    room.refuse("has much", 800);
    room.refuse("has little", 10);
    assertThat(room.leave(PIECE)).containsExactly("has little");
    assertThat(room.leave(PIECE)).containsExactly("has much");
    assertThat(room.leave(PIECE)).isEmpty();
  }

  @Test
  void leave_theCalledDoNotCome_othersAreCalledUntilNobodyIsLeft() {
    fill();
    for (int each = 0; each < 24; each++) {
      room.refuse("peer " + each, each);
    }
    int called = 0;
    for (int request = 0; request < 20; request++) {
      called += room.leave(PIECE).size();
    }
    assertThat(called).isEqualTo(24);
  }

  @Test
  void forget_oneThatWasRefused_isNotCalled() {
    fill();
    room.refuse("gone", 1);
    assertThat(room.forget("gone")).isTrue();
    assertThat(room.forget("gone")).isFalse();
    assertThat(room.leave(PIECE)).isEmpty();
  }

  private void fill() {
    while (room.enter(PIECE)) {
      // until it is full
    }
  }
}
