package dev.longshore.swarm.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PieceBuffersTest {
  private final PieceBuffers buffers = new PieceBuffers();

  @Test
  void take_afterGiveBack_isTheSameMemory() {
    ByteBuf first = buffers.take(1 << 20);
    buffers.giveBack(first);
    assertThat(buffers.take(1 << 20)).isSameAs(first);
    assertThat(buffers.take(1 << 20)).isNotSameAs(first);
    assertThat(buffers.inUse()).isEqualTo(2);
  }

  @Test
  void take_anyLength_hasRoomForItAndSharesSizes() {
    ByteBuf odd = buffers.take((1 << 20) - 5);
    assertThat(odd.capacity()).isEqualTo(1 << 20);
    buffers.giveBack(odd);
    assertThat(buffers.take((512 << 10) + 1)).isSameAs(odd);
    assertThat(buffers.take(1).capacity()).isEqualTo(64 << 10);
    assertThat(buffers.take((4 << 20) + 1).capacity()).isEqualTo(8 << 20);
  }

  @Test
  void giveBack_moreThanIsKept_freesTheRest() {
    List<ByteBuf> taken = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      taken.add(buffers.take(4 << 20));
    }
    taken.forEach(buffers::giveBack);
    assertThat(buffers.idleBytes()).isEqualTo(8 << 20);
    assertThat(taken.stream().filter(buffer -> buffer.refCnt() == 0)).hasSize(3);
  }

  @Test
  void giveBack_somebodyStillReadsIntoIt_isNotUsedAgain() {
    ByteBuf buffer = buffers.take(1 << 20);
    ByteBuf lent = buffer.retainedSlice(0, 10);
    buffers.giveBack(buffer);
    assertThat(buffers.idleBytes()).isZero();
    assertThat(buffers.take(1 << 20)).isNotSameAs(buffer);
    lent.release();
    assertThat(buffer.refCnt()).isZero();
  }

  @Test
  void close_someIdleSomeInUse_freesEach() {
    ByteBuf idle = buffers.take(1 << 20);
    ByteBuf used = buffers.take(1 << 20);
    buffers.giveBack(idle);
    buffers.close();
    assertThat(idle.refCnt()).isZero();
    buffers.giveBack(used);
    assertThat(used.refCnt()).isZero();
    assertThat(buffers.idleBytes()).isZero();
  }
}
