package dev.longshore.swarm.wire;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;

/** One frame of every type. */
final class WireSamples {
  static final Digest BLOB = Digest.sha256("blob".getBytes(StandardCharsets.UTF_8));
  static final Digest LONG_BLOB =
      Digest.of(
          Digest.Algorithm.SHA512,
          Digest.Algorithm.SHA512.newHasher().digest("blob".getBytes(StandardCharsets.UTF_8)));
  static final byte[] PIECE = "the bytes of a piece".getBytes(StandardCharsets.UTF_8);

  static final Frame.Hello HELLO =
      new Frame.Hello(0, new PeerId(1, -2), PeerRole.SEEDER, 7301, "10.0.0.1", "eu/a/rack1");

  static final List<Frame> FRAMES =
      List.of(
          HELLO,
          new Frame.KeepAlive(),
          new Frame.Have(BLOB, 7),
          new Frame.Bitfield(BLOB, 13, BitSet.valueOf(new long[] {0x1155})),
          new Frame.Bitfield(LONG_BLOB, 16, new BitSet()),
          new Frame.Request(LONG_BLOB, 1_048_575),
          new Frame.Cancel(BLOB, 0),
          new Frame.Busy(BLOB, 3, 250),
          new Frame.Ready(BLOB),
          new Frame.Reject(BLOB, 4),
          new Frame.Reject(BLOB, Frame.ALL_PIECES),
          new Frame.Peers(BLOB, List.of()),
          new Frame.Peers(
              BLOB,
              List.of(
                  new PeerAddress(new PeerId(3, 4), "peer.example", 1, PeerRole.AGENT),
                  new PeerAddress(new PeerId(5, 6), "::1", 65535, PeerRole.SEEDER))),
          new Frame.Goodbye(GoodbyeReason.BANNED, "piece 4 does not match its hash"));

  private static final ByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;

  private WireSamples() {}

  static byte[] bytes(Frame frame) {
    return drain(FrameEncoder.encode(ALLOCATOR, frame));
  }

  /** A HELLO, a piece, and all the other frames. */
  static byte[] stream() {
    java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
    out.writeBytes(bytes(HELLO));
    out.writeBytes(piece(BLOB, 5, PIECE));
    FRAMES.stream().skip(1).forEach(frame -> out.writeBytes(bytes(frame)));
    out.writeBytes(piece(LONG_BLOB, 6, PIECE));
    return out.toByteArray();
  }

  static byte[] piece(Digest blob, int piece, byte[] content) {
    byte[] head = drain(FrameEncoder.pieceHeader(ALLOCATOR, blob, piece, content.length));
    byte[] all = java.util.Arrays.copyOf(head, head.length + content.length);
    System.arraycopy(content, 0, all, head.length, content.length);
    return all;
  }

  private static byte[] drain(ByteBuf buffer) {
    byte[] bytes = new byte[buffer.readableBytes()];
    buffer.readBytes(bytes);
    buffer.release();
    return bytes;
  }
}
