package dev.longshore.swarm.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class PieceBytesTest {
  private static final ByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;

  @Test
  void take_fullReceiveBuffers_keptWithoutCopy() {
    ByteBuf in = ALLOCATOR.directBuffer(64 << 10, 64 << 10).writeZero(64 << 10);
    PieceBytes bytes = new PieceBytes(64 << 10);
    bytes.take(in, ALLOCATOR);
    assertThat(bytes.isWhole()).isTrue();
    assertThat(in.refCnt()).isEqualTo(2);
    in.release();
    bytes.release();
    assertThat(in.refCnt()).isZero();
  }

  @Test
  void take_crumbsOfLargeBuffers_copiedSoThatTheBuffersGo() {
    PieceBytes bytes = new PieceBytes(100_000);
    int value = 0;
    while (!bytes.isWhole()) {
      ByteBuf in = ALLOCATOR.directBuffer(64 << 10);
      in.writeByte(value++).writeByte(value++).writeByte(value++);
      bytes.take(in, ALLOCATOR);
      assertThat(in.refCnt()).isEqualTo(1);
      in.release();
    }
    ByteBuffer[] parts = bytes.buffers();
    assertThat(parts).hasSize(2);
    int expected = 0;
    for (ByteBuffer part : parts) {
      while (part.hasRemaining()) {
        assertThat(part.get()).isEqualTo((byte) expected++);
      }
    }
    assertThat(expected).isEqualTo(100_000);
    bytes.release();
  }
}
