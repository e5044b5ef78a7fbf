package dev.longshore.swarm.wire;

import dev.longshore.oci.Digest;
import dev.longshore.service.net.ReceiveInPlace;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.RecvByteBufAllocator;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the byte stream of one connection into frames. Owned by the connection's event loop.
 *
 * <p>Memory is bounded by what the receiver agreed to, never by what a length field says: the
 * bodies of small frames are collected up to their type's bound, a piece gets its buffer when it is
 * taken.
 */
public final class FrameDecoder extends ChannelInboundHandlerAdapter {
  private enum State {
    LENGTH,
    TYPE,
    BODY,
    PIECE_ALGORITHM,
    PIECE_HEAD,
    PIECE_OFFER,
    PIECE_BYTES,
    PIECE_PAST,
    BROKEN
  }

  /** Some hundred frames; as much of a piece at most comes with its head and is copied. */
  private static final int SMALL = 8 << 10;

  private final FrameReceiver receiver;
  private final PieceBuffers buffers;
  private final FrameReader reader = new FrameReader();

  /** Input that came while a piece waits for room, or while a frame is being handed over. */
  private final Deque<ByteBuf> backlog = new ArrayDeque<>();

  private @Nullable ChannelHandlerContext context;
  private @Nullable ByteBuf partial;
  private State state = State.LENGTH;
  private boolean greeted;
  private boolean decoding;
  private int frameLength;
  private FrameType type = FrameType.HELLO;
  private int bodyLength;
  private @Nullable Digest blob;
  private int piece;
  private int pieceLeft;
  private @Nullable PieceBytes pieceBytes;

  /** Room of a piece that the next read fills, and the piece it is part of. */
  private @Nullable ByteBuf lent;

  private @Nullable PieceBytes lentBy;

  /**
   * A decoder at the start of a stream.
   *
   * @param buffers where pieces are collected
   */
  public FrameDecoder(FrameReceiver receiver, PieceBuffers buffers) {
    this.receiver = receiver;
    this.buffers = buffers;
  }

  /**
   * What a channel whose first handler is this decoder reads into: the buffers of pieces, without a
   * copy and with as few reads as the socket allows, and small ones for all else. A handler before
   * it that changes the bytes, such as one for TLS, rules it out.
   */
  public RecvByteBufAllocator receiveBuffers() {
    return new ReceiveInPlace(SMALL, this::roomFor);
  }

  private ByteBuf roomFor(ByteBufAllocator allocator) {
    ByteBuf room = lendRoom();
    return room != null ? room : allocator.ioBuffer(SMALL);
  }

  /** Room for exactly the missing bytes of the piece that is arriving, null when none is. */
  @Nullable ByteBuf lendRoom() {
    PieceBytes bytes = pieceBytes;
    lentBy = state == State.PIECE_BYTES && backlog.isEmpty() && !decoding ? bytes : null;
    lent = lentBy == null ? null : lentBy.retainedRoom();
    return lent;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // the very buffer that was lent, not one with its content
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    receiver.received(in.readableBytes());
    if (state == State.BROKEN) {
      in.release();
      return;
    }
    boolean inPlace = in == lent && lentBy == pieceBytes && state == State.PIECE_BYTES;
    lent = null;
    lentBy = null;
    if (inPlace) {
      int count = in.readableBytes();
      in.release();
      filled(count);
    } else {
      backlog.add(in);
      decode();
    }
  }

  /** Bytes of the piece were read to where they belong. */
  private void filled(int count) {
    PieceBytes bytes = arriving();
    bytes.filled(count);
    pieceLeft -= count;
    handOverWhole(bytes);
  }

  /** Whether a frame has begun and is not here whole. */
  public boolean isMidFrame() {
    return partial != null || (state != State.LENGTH && state != State.BROKEN);
  }

  /** Asks again what to do with the piece that waits. */
  public void resume() {
    if (state == State.PIECE_OFFER) {
      decode();
    }
  }

  /** The piece whose bytes are arriving is not wanted any more; what came of it is dropped. */
  public void discardCurrent() {
    PieceBytes bytes = pieceBytes;
    if (bytes != null) {
      bytes.release();
      pieceBytes = null;
      state = State.PIECE_PAST;
    }
  }

  /** Stops decoding and drops what is buffered: the connection is being closed. */
  public void stop() {
    state = State.BROKEN;
    drop();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    stop();
    super.channelInactive(ctx);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    stop();
  }

  private void decode() {
    if (decoding) {
      return; // a receiver called back: the loop below goes on with the new state
    }
    decoding = true;
    try {
      while (state != State.BROKEN && !backlog.isEmpty()) {
        ByteBuf in = backlog.peekFirst();
        if (!step(in)) {
          break;
        }
        if (state != State.BROKEN && !in.isReadable() && state != State.PIECE_OFFER) {
          backlog.removeFirst().release();
        }
      }
    } catch (ProtocolViolation e) {
      stop();
      receiver.broken(e.reason(), e.detail());
    } finally {
      decoding = false;
      if (state == State.BROKEN) {
        drop();
      }
    }
  }

  /** One step; false: nothing more can be done with what is here. */
  private boolean step(ByteBuf in) throws ProtocolViolation {
    switch (state) {
      case LENGTH -> {
        ByteBuf whole = take(in, 4);
        if (whole != null) {
          beginFrame(whole.readUnsignedInt());
          done(whole);
        }
      }
      case TYPE -> {
        if (in.isReadable()) {
          readType(in.readUnsignedByte());
        }
      }
      case BODY -> {
        ByteBuf whole = take(in, bodyLength);
        if (whole != null) {
          Frame frame;
          try {
            frame = reader.read(type, whole);
          } finally {
            done(whole);
          }
          state = State.LENGTH;
          greeted = true;
          receiver.frame(frame);
        }
      }
      case PIECE_ALGORITHM -> {
        if (in.isReadable()) {
          int code = in.getUnsignedByte(in.readerIndex());
          bodyLength = 1 + FrameReader.hashBytes(code) + 4;
          state = State.PIECE_HEAD;
        }
      }
      case PIECE_HEAD -> {
        ByteBuf whole = take(in, bodyLength);
        if (whole != null) {
          readPieceHead(whole);
        }
      }
      case PIECE_OFFER -> {
        return offer();
      }
      case PIECE_BYTES -> collect(in);
      case PIECE_PAST -> {
        int skip = Math.min(in.readableBytes(), pieceLeft);
        in.skipBytes(skip);
        pieceLeft -= skip;
        if (pieceLeft == 0) {
          state = State.LENGTH;
        }
      }
      case BROKEN -> {
        return false;
      }
    }
    return true;
  }

  private void beginFrame(long length) throws ProtocolViolation {
    if (length == 0) {
      if (greeted) {
        receiver.frame(new Frame.KeepAlive());
        return;
      }
      throw new ProtocolViolation(GoodbyeReason.NOT_HELLO, "a keep-alive came before HELLO");
    }
    if (length > 1 + FrameType.PIECE.maxBody) {
      throw new ProtocolViolation(
          greeted ? GoodbyeReason.OVERSIZED : GoodbyeReason.NOT_HELLO,
          "no frame has " + length + " bytes");
    }
    frameLength = Math.toIntExact(length);
    state = State.TYPE;
  }

  private void readType(int code) throws ProtocolViolation {
    FrameType known = FrameType.ofCode(code);
    if (!greeted && known != FrameType.HELLO && known != FrameType.GOODBYE) {
      throw new ProtocolViolation(
          GoodbyeReason.NOT_HELLO, "the first frame has type " + code + ", expected HELLO");
    }
    if (known == null) {
      throw new ProtocolViolation(GoodbyeReason.UNKNOWN_FRAME, "frame type " + code);
    }
    int body = frameLength - 1;
    if (body > known.maxBody) {
      throw new ProtocolViolation(
          GoodbyeReason.OVERSIZED,
          known + " has at most " + known.maxBody + " bytes, found " + body);
    }
    if (body < known.minBody) {
      throw new ProtocolViolation(
          GoodbyeReason.MALFORMED,
          known + " has at least " + known.minBody + " bytes, found " + body);
    }
    type = known;
    bodyLength = body;
    state = known == FrameType.PIECE ? State.PIECE_ALGORITHM : State.BODY;
  }

  private void readPieceHead(ByteBuf head) throws ProtocolViolation {
    int headLength = bodyLength;
    try {
      blob = reader.readBlob(head);
      piece = FrameReader.readPiece(head);
    } finally {
      done(head);
    }
    pieceLeft = frameLength - 1 - headLength;
    if (pieceLeft <= 0) {
      throw new ProtocolViolation(GoodbyeReason.MALFORMED, "a PIECE without bytes");
    }
    state = State.PIECE_OFFER;
  }

  private boolean offer() throws ProtocolViolation {
    Digest offered = blob;
    if (offered == null) {
      throw new IllegalStateException("a piece is offered before its head was read");
    }
    return switch (receiver.offered(offered, piece, pieceLeft)) {
      case TAKE -> {
        pieceBytes = new PieceBytes(buffers, pieceLeft);
        state = State.PIECE_BYTES;
        yield true;
      }
      case DISCARD -> {
        state = State.PIECE_PAST;
        yield true;
      }
      case WAIT -> false;
      case REFUSE ->
          throw new ProtocolViolation(
              GoodbyeReason.UNREQUESTED,
              "piece " + piece + " of " + offered + " with " + pieceLeft + " bytes");
    };
  }

  private void collect(ByteBuf in) {
    PieceBytes bytes = arriving();
    pieceLeft -= bytes.take(in);
    handOverWhole(bytes);
  }

  private PieceBytes arriving() {
    PieceBytes bytes = pieceBytes;
    if (bytes == null) {
      throw new IllegalStateException("bytes of a piece before its head");
    }
    return bytes;
  }

  private void handOverWhole(PieceBytes bytes) {
    Digest of = blob;
    if (bytes.isWhole() && of != null) {
      pieceBytes = null;
      state = State.LENGTH;
      receiver.piece(of, piece, bytes);
    }
  }

  /** Exactly {@code need} bytes, or null if they are not all here yet; end with {@link #done}. */
  private @Nullable ByteBuf take(ByteBuf in, int need) {
    ByteBuf part = partial;
    if (part == null) {
      if (in.readableBytes() >= need) {
        return in.readSlice(need);
      }
      ChannelHandlerContext ctx = context;
      if (ctx == null) {
        throw new IllegalStateException("decoding outside a pipeline");
      }
      part = ctx.alloc().buffer(Math.min(need, 256), need);
      partial = part;
    }
    part.writeBytes(in, Math.min(in.readableBytes(), need - part.readableBytes()));
    return part.readableBytes() == need ? part : null;
  }

  /** Ends the use of what {@link #take} gave: the input's own bytes, or those collected so far. */
  private void done(ByteBuf whole) {
    if (partial != null) {
      partial = null;
      whole.release();
    }
  }

  private void drop() {
    if (decoding) {
      return; // the loop is still using its input: it drops all when it sees the state
    }
    backlog.forEach(ByteBuf::release);
    backlog.clear();
    if (partial != null) {
      partial.release();
      partial = null;
    }
    if (pieceBytes != null) {
      pieceBytes.release();
      pieceBytes = null;
    }
  }
}
