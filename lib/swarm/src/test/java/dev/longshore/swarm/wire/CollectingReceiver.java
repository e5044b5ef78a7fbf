package dev.longshore.swarm.wire;

import dev.longshore.oci.Digest;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Keeps what a decoder says, pieces as {@code "piece N: hex"}. */
final class CollectingReceiver implements FrameReceiver {
  final List<Object> seen = new ArrayList<>();
  Supplier<PieceIntake> intake = () -> PieceIntake.TAKE;
  @Nullable GoodbyeReason broken;
  long received;

  @Override
  public void received(int bytes) {
    received += bytes;
  }

  @Override
  public void frame(Frame frame) {
    seen.add(frame);
  }

  @Override
  public PieceIntake offered(Digest blob, int piece, int length) {
    return intake.get();
  }

  @Override
  public void piece(Digest blob, int piece, PieceBytes bytes) {
    StringBuilder hex = new StringBuilder("piece " + piece + ": ");
    for (ByteBuffer part : bytes.buffers()) {
      hex.append(ByteBufUtil.hexDump(Unpooled.wrappedBuffer(part)));
    }
    bytes.release();
    seen.add(hex.toString());
  }

  @Override
  public void broken(GoodbyeReason reason, String detail) {
    if (broken != null) {
      throw new AssertionError("a connection breaks once");
    }
    broken = reason;
  }
}
