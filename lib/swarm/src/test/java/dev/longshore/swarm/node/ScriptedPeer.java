package dev.longshore.swarm.node;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.wire.Frame;
import dev.longshore.swarm.wire.FrameDecoder;
import dev.longshore.swarm.wire.FrameEncoder;
import dev.longshore.swarm.wire.FrameReceiver;
import dev.longshore.swarm.wire.GoodbyeReason;
import dev.longshore.swarm.wire.PieceBuffers;
import dev.longshore.swarm.wire.PieceBytes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.security.SecureRandom;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

/** A peer that dials a node over a plain socket and does what a test tells it to. */
final class ScriptedPeer implements FrameReceiver, AutoCloseable {
  final PeerId id = PeerId.random(new SecureRandom());
  final List<Frame> frames = new CopyOnWriteArrayList<>();
  final List<Integer> pieces = new CopyOnWriteArrayList<>();
  volatile boolean closed;
  private volatile boolean deaf;
  private final Socket socket;
  private final BiConsumer<ScriptedPeer, Frame> script;

  ScriptedPeer(int port, BiConsumer<ScriptedPeer, Frame> script) throws IOException {
    this.script = script;
    this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
  }

  ScriptedPeer(int port) throws IOException {
    this(port, (peer, frame) -> {});
  }

  /** Begins to read what the node says. */
  ScriptedPeer listening() {
    Thread.ofVirtual().start(this::readAll);
    return this;
  }

  /** Begins to read, and stops once the node has said what it has. */
  ScriptedPeer deafAfterBitfield() {
    deaf = true;
    return listening();
  }

  ScriptedPeer hello() throws IOException {
    return send(new Frame.Hello(0, id, PeerRole.AGENT, 9, "127.0.0.9", ""));
  }

  /** Says that it has so many pieces of a blob, from the first on. */
  ScriptedPeer has(TestBlob blob, int count) throws IOException {
    BitSet has = new BitSet();
    has.set(0, count);
    return send(new Frame.Bitfield(blob.digest(), blob.pieces(), has));
  }

  ScriptedPeer send(Frame frame) throws IOException {
    return sendTogether(List.of(frame));
  }

  /** Sends frames that arrive at once, as far as a socket can promise it. */
  ScriptedPeer sendTogether(List<Frame> frames) throws IOException {
    ByteBuf all = Unpooled.buffer();
    for (Frame frame : frames) {
      ByteBuf one = FrameEncoder.encode(UnpooledByteBufAllocator.DEFAULT, frame);
      all.writeBytes(one);
      one.release();
    }
    return sendRaw(drain(all));
  }

  ScriptedPeer sendPiece(Digest blob, int piece, byte[] content, int cutAfter) throws IOException {
    sendRaw(
        drain(
            FrameEncoder.pieceHeader(
                UnpooledByteBufAllocator.DEFAULT, blob, piece, content.length)));
    return sendRaw(java.util.Arrays.copyOf(content, cutAfter));
  }

  synchronized ScriptedPeer sendRaw(byte... bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    return this;
  }

  /** Reads one byte, for a peer that has become deaf, and says that it is alive. */
  void readOne() throws IOException {
    if (socket.getInputStream().read() < 0) {
      throw new IOException("the node has closed the connection");
    }
    var _ = send(new Frame.KeepAlive());
  }

  GoodbyeReason goodbye() {
    return frames.stream()
        .filter(Frame.Goodbye.class::isInstance)
        .map(frame -> ((Frame.Goodbye) frame).reason())
        .findFirst()
        .orElse(GoodbyeReason.OTHER);
  }

  private static byte[] drain(ByteBuf buffer) {
    byte[] bytes = new byte[buffer.readableBytes()];
    buffer.readBytes(bytes);
    buffer.release();
    return bytes;
  }

  private void readAll() {
    EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder(this, new PieceBuffers()));
    byte[] buffer = new byte[64 << 10];
    try {
      InputStream in = socket.getInputStream();
      int count = in.read(buffer);
      while (count >= 0) {
        channel.writeInbound(Unpooled.copiedBuffer(buffer, 0, count));
        if (deaf && frames.stream().anyMatch(Frame.Bitfield.class::isInstance)) {
          return;
        }
        count = in.read(buffer);
      }
    } catch (IOException e) {
      frames.add(new Frame.KeepAlive()); // a reset: the node closed before reading everything
    } finally {
      channel.finishAndReleaseAll();
      closed = true;
    }
  }

  @Override
  public void received(int bytes) {}

  @Override
  public void frame(Frame frame) {
    frames.add(frame);
    script.accept(this, frame);
  }

  @Override
  public PieceIntake offered(Digest blob, int piece, int length) {
    return PieceIntake.TAKE;
  }

  @Override
  public void piece(Digest blob, int piece, PieceBytes bytes) {
    bytes.release();
    pieces.add(piece);
  }

  @Override
  public void broken(GoodbyeReason reason, String detail) {
    throw new AssertionError("the node broke the protocol: " + reason + ", " + detail);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
