package dev.longshore.swarm.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What one peer owes. */
final class OpenRequestsTest {
  private final OpenRequests requests = new OpenRequests();

  @Test
  void add_manyPieces_keepsThemOldestFirst() {
    for (int piece = 0; piece < 40; piece++) {
      requests.add(piece * 3, piece, 0);
    }
    assertThat(requests.size()).isEqualTo(40);
    assertThat(requests.piece(39)).isEqualTo(117);
    assertThat(requests.sent(39)).isEqualTo(39);
  }

  @Test
  void remove_oneInTheMiddle_leavesTheOthersInOrder() {
    requests.add(7, 1, 0);
    requests.add(8, 2, 0);
    requests.add(9, 3, 0);
    assertThat(requests.remove(8)).isTrue();
    assertThat(requests.pieces()).containsExactly(7, 9);
    assertThat(requests.sent(1)).isEqualTo(3);
    assertThat(requests.contains(8)).isFalse();
  }

  @Test
  void remove_whatIsNotOwed_isFalse() {
    requests.add(7, 1, 0);
    assertThat(requests.remove(6)).isFalse();
    assertThat(requests.place(6)).isEqualTo(-1);
    assertThat(requests.size()).isEqualTo(1);
  }
}
