package dev.longshore.swarm.wire;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/** Writes frames; the layout is on {@link Frame}. */
public final class FrameEncoder {
  private static final int LENGTH = 4;
  private static final int SMALL = LENGTH + 1 + FrameType.Sizes.LONG_PIECE_REFERENCE + 4;

  private FrameEncoder() {}

  /** The bytes of a frame, in one new buffer that the caller owns. */
  public static ByteBuf encode(ByteBufAllocator allocator, Frame frame) {
    return switch (frame) {
      case Frame.Hello hello -> hello(allocator, hello);
      case Frame.Have f -> reference(allocator, FrameType.HAVE, f.blob(), f.piece());
      case Frame.Request f -> reference(allocator, FrameType.REQUEST, f.blob(), f.piece());
      case Frame.Cancel f -> reference(allocator, FrameType.CANCEL, f.blob(), f.piece());
      case Frame.Reject f -> reference(allocator, FrameType.REJECT, f.blob(), f.piece());
      case Frame.Busy busy -> busy(allocator, busy);
      case Frame.Ready ready -> ready(allocator, ready);
      case Frame.Bitfield bitfield -> bitfield(allocator, bitfield);
      case Frame.Peers peers -> peers(allocator, peers);
      case Frame.Goodbye goodbye -> goodbye(allocator, goodbye);
      case Frame.KeepAlive _ -> allocator.directBuffer(LENGTH).writeInt(0);
    };
  }

  /**
   * The head of a PIECE frame, whose {@code length} bytes of piece must follow; the caller owns it.
   */
  public static ByteBuf pieceHeader(
      ByteBufAllocator allocator, Digest blob, int piece, int length) {
    ByteBuf out = begin(allocator, FrameType.PIECE, SMALL);
    writeBlob(out, blob);
    out.writeInt(piece);
    out.setInt(0, out.readableBytes() - LENGTH + length);
    return out;
  }

  private static ByteBuf reference(
      ByteBufAllocator allocator, FrameType type, Digest blob, int piece) {
    ByteBuf out = begin(allocator, type, SMALL);
    writeBlob(out, blob);
    return end(out.writeInt(piece));
  }

  private static ByteBuf hello(ByteBufAllocator allocator, Frame.Hello hello) {
    ByteBuf out = begin(allocator, FrameType.HELLO, 256);
    out.writeInt(Frame.MAGIC).writeShort(Frame.VERSION).writeInt(hello.features());
    writeId(out, hello.id());
    out.writeByte(hello.role().wireCode()).writeShort(hello.port());
    writeText(out, hello.host());
    writeText(out, hello.zone());
    return end(out);
  }

  private static ByteBuf busy(ByteBufAllocator allocator, Frame.Busy busy) {
    ByteBuf out = begin(allocator, FrameType.BUSY, SMALL);
    writeBlob(out, busy.blob());
    return end(out.writeInt(busy.piece()).writeInt(busy.retryAfterMillis()));
  }

  private static ByteBuf ready(ByteBufAllocator allocator, Frame.Ready ready) {
    ByteBuf out = begin(allocator, FrameType.READY, SMALL);
    writeBlob(out, ready.blob());
    return end(out);
  }

  private static ByteBuf bitfield(ByteBufAllocator allocator, Frame.Bitfield bitfield) {
    int bytes = bitfieldBytes(bitfield.pieces());
    ByteBuf out = begin(allocator, FrameType.BITFIELD, SMALL + bytes);
    writeBlob(out, bitfield.blob());
    out.writeInt(bitfield.pieces());
    byte[] bits = bitfield.has().toByteArray();
    return end(out.writeBytes(bits).writeZero(bytes - bits.length));
  }

  private static ByteBuf peers(ByteBufAllocator allocator, Frame.Peers peers) {
    ByteBuf out = begin(allocator, FrameType.PEERS, 256);
    writeBlob(out, peers.blob());
    out.writeByte(peers.peers().size());
    for (PeerAddress peer : peers.peers()) {
      writeId(out, peer.id());
      out.writeByte(peer.role().wireCode()).writeShort(peer.port());
      writeText(out, peer.host());
    }
    return end(out);
  }

  private static ByteBuf goodbye(ByteBufAllocator allocator, Frame.Goodbye goodbye) {
    ByteBuf out = begin(allocator, FrameType.GOODBYE, 256);
    out.writeByte(goodbye.reason().wireCode());
    writeText(out, goodbye.detail());
    return end(out);
  }

  static int bitfieldBytes(int pieces) {
    return (pieces + 7) >>> 3;
  }

  private static ByteBuf begin(ByteBufAllocator allocator, FrameType type, int capacity) {
    return allocator.directBuffer(capacity).writeInt(0).writeByte(type.code);
  }

  private static ByteBuf end(ByteBuf out) {
    return out.setInt(0, out.readableBytes() - LENGTH);
  }

  private static void writeBlob(ByteBuf out, Digest blob) {
    out.writeByte(blob.algorithm().wireCode()).writeBytes(blob.hash());
  }

  private static void writeId(ByteBuf out, PeerId id) {
    out.writeLong(id.high()).writeLong(id.low());
  }

  /** Text that is too long is cut: it is a label or an explanation, never a key. */
  private static void writeText(ByteBuf out, String text) {
    String fitting = text;
    while (ByteBufUtil.utf8Bytes(fitting) > 255) {
      fitting = fitting.substring(0, Math.min(255, fitting.length() - 1));
    }
    out.writeByte(ByteBufUtil.utf8Bytes(fitting));
    out.writeCharSequence(fitting, StandardCharsets.UTF_8);
  }
}
