package dev.longshore.swarm.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.oci.Digest;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

class LeftBlobsTest {
  private static final Digest BLOB = Digest.sha256(new byte[] {1});
  private static final Digest OTHER = Digest.sha256(new byte[] {2});

  private final LeftBlobs left = new LeftBlobs();

  private static BitSet pieces(int... pieces) {
    BitSet set = new BitSet();
    for (int piece : pieces) {
      set.set(piece);
    }
    return set;
  }

  @Test
  void answered_requestMadeBefore_isExpectedOnce() {
    left.leave(BLOB, pieces(3));
    assertThat(left.answered(BLOB, 4)).isFalse();
    assertThat(left.answered(OTHER, 3)).isFalse();
    assertThat(left.answered(BLOB, 3)).isTrue();
    assertThat(left.answered(BLOB, 3)).isFalse();
  }

  @Test
  void answered_peerHasLeftToo_isNotExpected() {
    left.leave(BLOB, pieces(3));
    assertThat(left.settled(BLOB)).isTrue();
    assertThat(left.answered(BLOB, 3)).isFalse();
    assertThat(left.settled(BLOB)).isFalse();
  }

  @Test
  void leave_twiceBeforeTheAnswer_isAnsweredTwice() {
    BitSet requested = pieces(1);
    left.leave(BLOB, requested);
    left.leave(BLOB, pieces(2, 3));
    requested.set(7);
    assertThat(left.size()).isEqualTo(2);
    assertThat(left.answered(BLOB, 7)).isFalse();
    assertThat(left.answered(BLOB, 1)).isTrue();
    assertThat(left.answered(BLOB, 2)).isTrue();
    assertThat(left.settled(BLOB)).isTrue();
    assertThat(left.size()).isEqualTo(1);
    assertThat(left.answered(BLOB, 3)).isTrue();
    assertThat(left.settled(BLOB)).isTrue();
    assertThat(left.settled(BLOB)).isFalse();
    assertThat(left.size()).isZero();
  }
}
