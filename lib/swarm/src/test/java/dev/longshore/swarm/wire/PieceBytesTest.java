package dev.longshore.swarm.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class PieceBytesTest {
  private final PieceBuffers buffers = new PieceBuffers();

  @Test
  void take_moreThanIsMissing_leavesTheRest() {
    ByteBuf in = Unpooled.wrappedBuffer(new byte[] {1, 2, 3, 4, 5});
    PieceBytes bytes = new PieceBytes(buffers, 3);
    assertThat(bytes.take(in)).isEqualTo(3);
    assertThat(in.readableBytes()).isEqualTo(2);
    assertThat(bytes.isWhole()).isTrue();
    assertThat(bytes.buffers()).containsExactly(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    bytes.release();
    assertThat(buffers.inUse()).isZero();
  }

  @Test
  void room_partsFromEverywhere_arePutInOrder() {
    PieceBytes bytes = new PieceBytes(buffers, 6);
    bytes.take(Unpooled.wrappedBuffer(new byte[] {1, 2}));
    bytes.room().put((byte) 3);
    bytes.filled(1);
    ByteBuf rest = bytes.retainedRoom();
    assertThat(rest.writableBytes()).isEqualTo(3);
    rest.writeBytes(new byte[] {4, 5, 6}).release();
    assertThat(bytes.isWhole()).isFalse();
    bytes.filled(3);
    assertThat(bytes.isWhole()).isTrue();
    assertThat(bytes.buffers()).containsExactly(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6}));
    assertThatThrownBy(() -> bytes.filled(1)).isInstanceOf(IllegalArgumentException.class);
    bytes.release();
  }
}
