package dev.longshore.swarm.node;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.Zone;
import dev.longshore.swarm.wire.Frame;
import dev.longshore.swarm.wire.FrameDecoder;
import dev.longshore.swarm.wire.FrameEncoder;
import dev.longshore.swarm.wire.FrameReceiver;
import dev.longshore.swarm.wire.GoodbyeReason;
import dev.longshore.swarm.wire.PieceBytes;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to one peer, from the first byte to the last. Its state belongs to its channel's
 * event loop; what may be called from elsewhere says so.
 */
final class PeerConnection extends ChannelInboundHandlerAdapter implements FrameReceiver {
  private static final Logger log = LoggerFactory.getLogger(PeerConnection.class);

  /** Control frames that a peer may leave unread before it is taken for one that never reads. */
  private static final long MOST_UNREAD = 4 << 20;

  /** Why reading is paused; it goes on when none is left. */
  enum Pause {
    RATE_LIMIT,
    NO_ROOM
  }

  private final NodeParts node;
  private final @Nullable PeerAddress dialed;
  private final Consumer<PeerConnection> onAdmitted;
  private final Handshake handshake;
  private final FrameDecoder decoder;
  private final PieceSender sender;
  private final BlobExchange exchange;
  private final Set<Pause> pauses = EnumSet.noneOf(Pause.class);

  private volatile @Nullable Channel channel;
  private volatile @Nullable PeerAddress peer;
  private Zone zone = Zone.NONE; // written before peer, read after it
  private boolean admitted;
  private boolean ending;
  private boolean flushing;
  private Liveness liveness;
  private long sentBytes;
  private long receivedBytes;

  /**
   * A connection to be.
   *
   * @param dialed whom this side dialed; null: the other side dialed
   * @param onAdmitted told once the peer has said who it is and may stay
   */
  PeerConnection(
      NodeParts node, @Nullable PeerAddress dialed, Consumer<PeerConnection> onAdmitted) {
    this.node = node;
    this.dialed = dialed;
    this.onAdmitted = onAdmitted;
    this.handshake = new Handshake(node.config(), node.listenPort(), node.bans());
    this.decoder = new FrameDecoder(this, node.buffers());
    this.sender = new PieceSender(node, this);
    this.exchange = new BlobExchange(node, this, decoder, sender);
    this.liveness = new Liveness(node.limits(), System.nanoTime());
  }

  void install(Channel on) {
    channel = on;
    on.config().setRecvByteBufAllocator(decoder.receiveBuffers());
    on.pipeline().addLast(decoder, this);
  }

  // ---- from any thread

  Channel channel() {
    Channel open = channel;
    if (open == null) {
      throw new IllegalStateException("not installed in a channel");
    }
    return open;
  }

  boolean isDialed() {
    return dialed != null;
  }

  /** Who the peer is; known once it has said HELLO. */
  PeerAddress peer() {
    PeerAddress named = peer;
    if (named == null) {
      throw new IllegalStateException("the peer has not said HELLO");
    }
    return named;
  }

  PeerId peerId() {
    return peer().id();
  }

  /** Where the peer says it is; known once it has said HELLO. */
  Zone zone() {
    var _ = peer();
    return zone;
  }

  /** Whether the peer is in another zone. */
  boolean isFar() {
    return node.config().place().isFar(zone());
  }

  @Nullable PeerId peerIdOrNull() {
    PeerAddress named = peer;
    return named == null ? null : named.id();
  }

  /** Runs on the connection's event loop, later. */
  void execute(Runnable task) {
    execute(task, () -> {});
  }

  /** The same for a task that something passes to, which is let go if the loops have stopped. */
  void execute(Runnable task, Runnable otherwise) {
    try {
      channel().eventLoop().execute(task);
    } catch (RejectedExecutionException e) {
      log.debug("the event loops have stopped before connection {}", this);
      otherwise.run();
    }
  }

  /** Runs on the connection's event loop after a while. */
  void executeIn(long millis, Runnable task) {
    var _ = channel().eventLoop().schedule(task, millis, TimeUnit.MILLISECONDS);
  }

  /** Exchanges a blob with this peer; the reference passes. */
  void join(SharedBlob blob) {
    execute(() -> exchange.join(blob), blob::release);
  }

  void attach(BlobTransfer transfer) {
    execute(() -> exchange.attach(transfer));
  }

  void leave(Digest blob) {
    execute(() -> exchange.leave(blob));
  }

  void settled(Digest blob) {
    execute(() -> exchange.leaveIfBothComplete(blob));
  }

  /** Tells the peer that pieces are here; nobody changes the set any more. */
  void have(Digest blob, BitSet pieces) {
    execute(() -> exchange.have(blob, pieces));
  }

  void request(BlobTransfer transfer, int piece) {
    execute(() -> exchange.request(transfer, piece));
  }

  void cancel(BlobTransfer transfer, int piece) {
    execute(() -> exchange.cancel(transfer, piece));
  }

  void replaced() {
    execute(() -> goodbye(GoodbyeReason.DUPLICATE, "a newer connection stays"));
  }

  /** Shuts the peer out for a while. */
  void ban(String reason) {
    execute(() -> {
      shutOut("corrupt");
      goodbye(GoodbyeReason.BANNED, reason);
    });
  }

  void close(GoodbyeReason reason, String detail) {
    execute(() -> goodbye(reason, detail));
  }

  // ---- on the event loop

  boolean isOpen() {
    return !ending;
  }

  boolean isWritable() {
    return channel().isWritable() && !ending;
  }

  /** Sends a frame with whatever else is sent before the event loop comes to it. */
  void send(Frame frame) {
    if (ending) {
      return;
    }
    Channel open = channel();
    var _ = open.write(FrameEncoder.encode(open.alloc(), frame));
    liveness.sent(System.nanoTime());
    if (open.unsafe().outboundBuffer() != null
        && open.unsafe().outboundBuffer().totalPendingWriteBytes() > MOST_UNREAD) {
      goodbye(GoodbyeReason.EXCESS, "more than " + MOST_UNREAD + " bytes were left unread");
      return;
    }
    if (!flushing) {
      flushing = true;
      execute(() -> {
        flushing = false;
        open.flush();
      });
    }
  }

  void pause(Pause reason) {
    pauses.add(reason);
    liveness.paused(System.nanoTime());
    channel().config().setAutoRead(false);
  }

  void resume(Pause reason) {
    if (pauses.remove(reason) && pauses.isEmpty() && !ending) {
      liveness.resumed(System.nanoTime());
      channel().config().setAutoRead(true);
    }
  }

  void sent(int bytes) {
    sentBytes += bytes;
    liveness.sent(System.nanoTime());
    node.meters().sentTo(peer().role()).increment(bytes);
  }

  void failed(String what, @Nullable Throwable cause) {
    if (!ending) {
      log.debug("{}: {}: {}", this, what, String.valueOf(cause));
    }
    var _ = channel().close();
  }

  private void goodbye(Farewell farewell) {
    goodbye(farewell.reason(), farewell.detail());
  }

  void goodbye(GoodbyeReason reason, String detail) {
    if (ending) {
      return;
    }
    log.debug("{}: goodbye {}: {}", this, reason, detail);
    detach();
    node.meters().goodbye(reason);
    Channel open = channel();
    var _ =
        open.writeAndFlush(FrameEncoder.encode(open.alloc(), new Frame.Goodbye(reason, detail)))
            .addListener(ChannelFutureListener.CLOSE);
    // A peer that does not read must not keep its socket.
    var _ = open.eventLoop().schedule(this::closeSocket, 1, TimeUnit.SECONDS);
  }

  private void closeSocket() {
    var _ = channel().close();
  }

  /** Lets go of everything but the socket. Idempotent. */
  private void detach() {
    if (ending) {
      return;
    }
    ending = true;
    decoder.stop();
    node.table().remove(this);
    if (dialed != null && !admitted) {
      node.dialer().failed(dialed.id());
    }
    exchange.close();
    sender.close();
  }

  private void shutOut(String kind) {
    PeerAddress named = peer;
    if (named != null) {
      log.info("shutting out {} for {}: {}", named, node.limits().ban(), kind);
      node.bans().ban(named.id(), remote(), named.port(), node.limits().ban());
      node.meters().ban(kind);
    }
  }

  private InetAddress remote() {
    return ((InetSocketAddress) channel().remoteAddress()).getAddress();
  }

  // ---- Netty

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    liveness = new Liveness(node.limits(), System.nanoTime());
    if (dialed == null) {
      PeerConnection oldest = node.table().accepted(this);
      if (oldest != null) {
        oldest.close(GoodbyeReason.FULL, "too many connections have not said HELLO");
      }
    } else {
      sayHello();
    }
    var _ =
        ctx.channel()
            .eventLoop()
            .schedule(
                this::checkHello, node.limits().helloTimeout().toNanos(), TimeUnit.NANOSECONDS);
    scheduleCheck();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    detach();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (isWritable()) {
      exchange.sendHeldBack();
      sender.next();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof java.io.IOException) {
      log.debug("{}: {}", this, String.valueOf(cause.getMessage()));
    } else {
      log.warn("{}: closing because of an unexpected error", this, cause);
    }
    closeSocket();
  }

  // ---- frames

  @Override
  public void received(int bytes) {
    long now = System.nanoTime();
    liveness.received(bytes, now);
    receivedBytes += bytes;
    long wait = node.download().pace(bytes, now);
    if (wait > 0 && !pauses.contains(Pause.RATE_LIMIT)) {
      pause(Pause.RATE_LIMIT);
      var _ =
          channel()
              .eventLoop()
              .schedule(() -> resume(Pause.RATE_LIMIT), wait, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void frame(Frame frame) {
    liveness.progressed(System.nanoTime());
    if (!admitted) {
      switch (frame) {
        case Frame.Hello hello -> greet(hello);
        case Frame.Goodbye goodbye -> goodbyeSaid(goodbye);
        default -> throw new AssertionError("the decoder wants HELLO first, passed " + frame);
      }
      return;
    }
    switch (frame) {
      case Frame.Hello _ -> broken(GoodbyeReason.MALFORMED, "a second HELLO");
      case Frame.Goodbye goodbye -> goodbyeSaid(goodbye);
      case Frame.KeepAlive _ -> {}
      case Frame.Have have -> exchange.remoteHas(have);
      case Frame.Bitfield bitfield -> exchange.remoteJoined(bitfield);
      case Frame.Request request -> exchange.remoteRequests(request);
      case Frame.Cancel cancel -> exchange.remoteCancels(cancel);
      case Frame.Busy busy -> exchange.requests().busy(busy);
      case Frame.Ready ready -> exchange.requests().ready(ready);
      case Frame.Reject reject -> exchange.remoteRejects(reject);
      case Frame.Peers peers -> exchange.remoteKnows(peers);
    }
  }

  @Override
  public PieceIntake offered(Digest blob, int piece, int length) {
    return exchange.requests().offered(blob, piece, length);
  }

  @Override
  public void piece(Digest blob, int piece, PieceBytes bytes) {
    liveness.progressed(System.nanoTime());
    exchange.requests().received(blob, piece, bytes);
  }

  @Override
  public void broken(GoodbyeReason reason, String detail) {
    log.info("{} breaks the protocol ({}): {}", this, reason, detail);
    if (admitted && reason.isViolation()) {
      shutOut("protocol");
    }
    goodbye(reason, detail);
  }

  private void goodbyeSaid(Frame.Goodbye goodbye) {
    log.debug("{} says goodbye {}: {}", this, goodbye.reason(), goodbye.detail());
    detach();
    var _ = channel().close();
  }

  private void sayHello() {
    send(handshake.hello());
  }

  private void greet(Frame.Hello hello) {
    Farewell objection = handshake.objection(hello, dialed);
    if (objection != null) {
      goodbye(objection);
      return;
    }
    zone = Zone.parse(hello.zone());
    peer = Handshake.address(hello, dialed, remote());
    if (handshake.isShutOut(hello, remote())) {
      goodbye(GoodbyeReason.BANNED, "shut out for what was sent before");
      return;
    }
    if (dialed == null) {
      sayHello();
    }
    switch (node.table().admit(this)) {
      case ADMITTED -> {
        admitted = true;
        if (dialed != null) {
          node.dialer().reached(hello.id());
        }
        onAdmitted.accept(this);
      }
      case DUPLICATE -> {
        admitted = true; // reached, though not by this connection
        if (dialed != null) {
          node.dialer().reached(hello.id());
        }
        goodbye(GoodbyeReason.DUPLICATE, "another connection stays");
      }
      case FULL -> goodbye(GoodbyeReason.FULL, "no more connections are taken");
    }
  }

  // ---- time

  private void checkHello() {
    if (!admitted) {
      goodbye(GoodbyeReason.SILENT, "no HELLO within " + node.limits().helloTimeout());
    }
  }

  private void scheduleCheck() {
    long every = Liveness.interval(node.limits()).toNanos();
    var _ = channel().eventLoop().schedule(this::check, every, TimeUnit.NANOSECONDS);
  }

  private void check() {
    if (ending) {
      return;
    }
    long now = System.nanoTime();
    Farewell farewell = liveness.check(decoder.isMidFrame(), !exchange.isEmpty(), now);
    if (farewell != null) {
      goodbye(farewell);
    } else if (sender.isStuck(now)) {
      goodbye(GoodbyeReason.SILENT, "a piece was not read for " + node.limits().silence());
    } else {
      if (admitted && liveness.keepAliveIsDue(now)) {
        send(new Frame.KeepAlive());
      }
      scheduleCheck();
    }
  }

  /** For {@code /debug}; reads counters of the event loop without synchronizing with it. */
  Map<String, Object> debug() {
    PeerAddress named = peer;
    return Map.of(
        "peer", String.valueOf(named),
        "role", named == null ? "" : named.role().name(),
        "dialed", isDialed(),
        "sentBytes", sentBytes,
        "receivedBytes", receivedBytes,
        "uploadsQueued", sender.queued(),
        "paused", pauses.toString());
  }

  @Override
  public String toString() {
    Channel open = channel;
    PeerAddress named = peer;
    return (named != null ? named : dialed != null ? dialed : "an unnamed peer")
        + " at "
        + (open == null ? "no socket" : open.remoteAddress());
  }
}
