package dev.longshore.swarm.wire;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads whole bodies of frames. Not thread-safe. */
final class FrameReader {
  // Nearly every frame of a connection is about the blob of the one before.
  private ByteBuf lastReference = Unpooled.EMPTY_BUFFER;
  private @Nullable Digest lastBlob;

  /** Reads a body that is here whole; {@code body} ends where it ends. */
  Frame read(FrameType type, ByteBuf body) throws ProtocolViolation {
    Frame frame;
    try {
      frame = readUnchecked(type, body);
    } catch (IndexOutOfBoundsException e) {
      throw new ProtocolViolation(GoodbyeReason.MALFORMED, type + " is cut short");
    }
    if (body.isReadable()) {
      throw new ProtocolViolation(
          GoodbyeReason.MALFORMED, type + " has " + body.readableBytes() + " bytes too many");
    }
    return frame;
  }

  private Frame readUnchecked(FrameType type, ByteBuf body) throws ProtocolViolation {
    return switch (type) {
      case HELLO -> readHello(body);
      case HAVE -> new Frame.Have(readBlob(body), readPiece(body));
      case BITFIELD -> readBitfield(body);
      case REQUEST -> new Frame.Request(readBlob(body), readPiece(body));
      case CANCEL -> new Frame.Cancel(readBlob(body), readPiece(body));
      case BUSY -> readBusy(body);
      case READY -> new Frame.Ready(readBlob(body));
      case REJECT -> readReject(body);
      case PEERS -> readPeers(body);
      case GOODBYE ->
          new Frame.Goodbye(
              GoodbyeReason.ofWireCode(body.readUnsignedByte()), readText(body, "detail"));
      case PIECE -> throw new AssertionError("a PIECE is no body: its bytes pass by");
    };
  }

  private static Frame readHello(ByteBuf body) throws ProtocolViolation {
    int magic = body.readInt();
    if (magic != Frame.MAGIC) {
      throw new ProtocolViolation(
          GoodbyeReason.NOT_HELLO, "magic " + Integer.toHexString(magic) + " is not ours");
    }
    int version = body.readUnsignedShort();
    if (version != Frame.VERSION) {
      throw new ProtocolViolation(
          GoodbyeReason.WRONG_VERSION,
          "version " + version + " is not spoken here, " + Frame.VERSION + " is");
    }
    int features = body.readInt();
    PeerId id = readId(body);
    PeerRole role = PeerRole.ofWireCode(body.readUnsignedByte());
    int port = body.readUnsignedShort();
    return new Frame.Hello(
        features, id, role, port, readText(body, "host"), readText(body, "zone"));
  }

  Digest readBlob(ByteBuf body) throws ProtocolViolation {
    int at = body.readerIndex();
    int same = lastReference.readableBytes();
    Digest last = lastBlob;
    if (last != null
        && body.readableBytes() >= same
        && ByteBufUtil.equals(body, at, lastReference, 0, same)) {
      body.skipBytes(same);
      return last;
    }
    int code = body.readUnsignedByte();
    int bytes = hashBytes(code);
    if (body.readableBytes() < bytes) {
      throw new ProtocolViolation(GoodbyeReason.MALFORMED, "the hash of a blob is cut short");
    }
    byte[] hash = new byte[bytes];
    body.readBytes(hash);
    Digest blob = Digest.of(Digest.Algorithm.ofWireCode(code).orElseThrow(), hash);
    byte[] reference = new byte[1 + bytes];
    body.getBytes(at, reference);
    lastReference = Unpooled.wrappedBuffer(reference);
    lastBlob = blob;
    return blob;
  }

  /** How long the raw hash after this algorithm byte is. */
  static int hashBytes(int code) throws ProtocolViolation {
    return Digest.Algorithm.ofWireCode(code)
        .orElseThrow(() ->
            new ProtocolViolation(
                GoodbyeReason.MALFORMED, "digest algorithm " + code + " is not known"))
        .bytes();
  }

  static int readPiece(ByteBuf body) throws ProtocolViolation {
    int piece = body.readInt();
    if (piece < 0 || piece >= FrameType.Sizes.MAX_PIECES) {
      throw new ProtocolViolation(
          GoodbyeReason.MALFORMED, "no blob has a piece " + Integer.toUnsignedString(piece));
    }
    return piece;
  }

  private Frame readBusy(ByteBuf body) throws ProtocolViolation {
    Digest blob = readBlob(body);
    int piece = readPiece(body);
    long retryAfter = body.readUnsignedInt();
    return new Frame.Busy(blob, piece, Math.toIntExact(Math.min(retryAfter, 60_000)));
  }

  private Frame readReject(ByteBuf body) throws ProtocolViolation {
    Digest blob = readBlob(body);
    if (body.getInt(body.readerIndex()) == Frame.ALL_PIECES) {
      body.skipBytes(4);
      return new Frame.Reject(blob, Frame.ALL_PIECES);
    }
    return new Frame.Reject(blob, readPiece(body));
  }

  private Frame readBitfield(ByteBuf body) throws ProtocolViolation {
    Digest blob = readBlob(body);
    int pieces = body.readInt();
    if (pieces < 0 || pieces > FrameType.Sizes.MAX_PIECES) {
      throw new ProtocolViolation(
          GoodbyeReason.MALFORMED, "no blob has " + Integer.toUnsignedString(pieces) + " pieces");
    }
    if (body.readableBytes() != FrameEncoder.bitfieldBytes(pieces)) {
      throw new ProtocolViolation(
          GoodbyeReason.MALFORMED,
          "a BITFIELD of " + pieces + " pieces came with " + body.readableBytes() + " bytes");
    }
    byte[] bits = new byte[body.readableBytes()];
    body.readBytes(bits);
    BitSet has = BitSet.valueOf(bits);
    if (has.length() > pieces) {
      throw new ProtocolViolation(
          GoodbyeReason.MALFORMED, "a BITFIELD has bits beyond its " + pieces + " pieces");
    }
    return new Frame.Bitfield(blob, pieces, has);
  }

  private Frame readPeers(ByteBuf body) throws ProtocolViolation {
    Digest blob = readBlob(body);
    int count = body.readUnsignedByte();
    if (count > Frame.MAX_PEERS) {
      throw new ProtocolViolation(
          GoodbyeReason.MALFORMED, "PEERS names " + count + ", at most " + Frame.MAX_PEERS);
    }
    List<PeerAddress> peers = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      PeerId id = readId(body);
      PeerRole role = PeerRole.ofWireCode(body.readUnsignedByte());
      int port = body.readUnsignedShort();
      String host = readText(body, "host");
      if (port == 0 || host.isEmpty()) {
        throw new ProtocolViolation(GoodbyeReason.MALFORMED, "PEERS names a peer without address");
      }
      peers.add(new PeerAddress(id, host, port, role));
    }
    return new Frame.Peers(blob, List.copyOf(peers));
  }

  private static PeerId readId(ByteBuf body) {
    return new PeerId(body.readLong(), body.readLong());
  }

  /** Text is shown in logs and on pages: nothing but printable characters passes. */
  private static String readText(ByteBuf body, String field) throws ProtocolViolation {
    int bytes = body.readUnsignedByte();
    String text = body.readCharSequence(bytes, StandardCharsets.UTF_8).toString();
    if (text.codePoints().anyMatch(c -> Character.isISOControl(c) || c == 0xfffd)) {
      throw new ProtocolViolation(GoodbyeReason.MALFORMED, "the " + field + " is no plain text");
    }
    return text;
  }
}
