package dev.longshore.swarm.tracker;

import dev.longshore.swarm.tracker.proto.FromMember;
import dev.longshore.swarm.tracker.proto.FromTracker;
import dev.longshore.swarm.tracker.proto.TrackerGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The session to one tracker, reopened for ever. Owned by the client's loop thread. */
final class TrackerLink {

  /** Told on the loop thread. */
  interface Listener {
    /** A session is open: Hello and everything that the tracker should know comes next. */
    void connected(TrackerLink link);

    void received(TrackerLink link, TrackerMessage message);

    /** The session that was open is not any more. */
    void disconnected(TrackerLink link);
  }

  private static final Logger LOG = LoggerFactory.getLogger(TrackerLink.class);
  private static final long FIRST_BACKOFF_MILLIS = 200;
  private static final long MAX_BACKOFF_MILLIS = 2_000;
  private static final long SETTLED_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long KEEPALIVE_SECONDS = 10;

  private final String name;
  private final EventLoopGroup eventLoops;
  private final ClientLoop loop;
  private final RandomGenerator random;
  private final Listener listener;

  private final AnnouncedBlobs announced = new AnnouncedBlobs(MemberMessage.Announce.MOST);

  private @Nullable ManagedChannel channel;
  private @Nullable ClientCallStreamObserver<FromMember> out;
  private boolean connected;
  private boolean closed;
  private boolean failureLogged;
  private long since = System.nanoTime(); // connected, or down
  private long backoffMillis = FIRST_BACKOFF_MILLIS;

  TrackerLink(
      String name,
      EventLoopGroup eventLoops,
      ClientLoop loop,
      RandomGenerator random,
      Listener listener) {
    this.name = name;
    this.eventLoops = eventLoops;
    this.loop = loop;
    this.random = random;
    this.listener = listener;
  }

  String name() {
    return name;
  }

  boolean isConnected() {
    return connected;
  }

  /** Whether the tracker takes messages as fast as they come. */
  boolean isReady() {
    ClientCallStreamObserver<FromMember> stream = out;
    return connected && stream != null && stream.isReady();
  }

  /** Nanoseconds without a session; 0 while there is one. */
  long downFor(long now) {
    return connected ? 0 : now - since;
  }

  /** One attempt, on a channel of its own: gRPC's own backoff grows to minutes. */
  void open() {
    if (closed) {
      return;
    }
    channel =
        NettyChannelBuilder.forTarget("dns:///" + name)
            .channelType(NioSocketChannel.class)
            .eventLoopGroup(eventLoops)
            .executor(loop.executor())
            .usePlaintext()
            .maxInboundMessageSize(Messages.MAX_BYTES)
            .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
            .keepAliveTimeout(KEEPALIVE_SECONDS / 2, TimeUnit.SECONDS)
            .build();
    // The observer that this returns is the one beforeStart got.
    var _ = TrackerGrpc.newStub(channel).session(new Answers());
  }

  void send(MemberMessage message) {
    ClientCallStreamObserver<FromMember> stream = out;
    if (connected && stream != null) {
      stream.onNext(Messages.encode(message));
    }
  }

  /** Sends something about a blob, if this tracker is told of that. */
  void tell(JoinedBlob blob, MemberMessage message) {
    if (announced.contains(blob)) {
      send(message);
    }
  }

  /** A blob is to be announced here, now or when the next session opens. */
  void joined(JoinedBlob blob) {
    boolean hadRoom = announced.leftOut() == 0;
    boolean hadPlace = announced.contains(blob);
    JoinedBlob madeWay = announced.add(blob);
    if (madeWay != null) {
      send(new MemberMessage.Withdraw(madeWay.digest));
    }
    if (!hadPlace && blob.isAnnounced()) {
      blob.story(System.nanoTime()).forEach(message -> tell(blob, message));
    }
    if (hadRoom && announced.leftOut() > 0) {
      LOG.warn(
          "tracker {} takes {} blobs of a member, and this one has more: those that came first are "
              + "not announced there, and members that look for them read the source",
          name,
          MemberMessage.Announce.MOST);
    }
  }

  /** A blob is not to be announced here any more; the session has been told. */
  void left(JoinedBlob blob, long now) {
    JoinedBlob next = announced.remove(blob);
    if (next != null) {
      next.story(now).forEach(this::send);
    }
  }

  /** Says goodbye, so that the tracker need not find out. */
  void close() {
    closed = true;
    if (connected && out != null) {
      out.onCompleted();
    }
    connected = false;
    if (channel != null) {
      channel.shutdown();
    }
  }

  /** After {@link #close}, from outside the loop: waits until nothing calls the loop any more. */
  void awaitClosed() throws InterruptedException {
    ManagedChannel last = channel;
    if (last != null && !last.awaitTermination(1, TimeUnit.SECONDS)) {
      last.shutdownNow();
      if (!last.awaitTermination(1, TimeUnit.SECONDS)) {
        LOG.warn("the channel to tracker {} did not end within 2 s", name);
      }
    }
  }

  private void opened() {
    connected = true;
    since = System.nanoTime();
    failureLogged = false;
    LOG.info("connected to tracker {}", name);
    listener.connected(this);
  }

  private void failed(Status status) {
    boolean wasConnected = connected;
    connected = false;
    out = null;
    if (channel != null) {
      channel.shutdownNow();
    }
    if (closed) {
      return;
    }
    if (!failureLogged) {
      failureLogged = true; // once an outage, not once an attempt
      LOG.warn("no session with tracker {}, trying again for ever: {}", name, describe(status));
    }
    long now = System.nanoTime();
    if (wasConnected) {
      backoffMillis =
          now - since > SETTLED_NANOS ? FIRST_BACKOFF_MILLIS : backoffMillis; // else it hangs up
      since = now;
      listener.disconnected(this);
    }
    long delay = backoffMillis / 2 + random.nextLong(backoffMillis / 2 + 1);
    backoffMillis = Math.min(2 * backoffMillis, MAX_BACKOFF_MILLIS);
    loop.later(this::open, Duration.ofMillis(delay));
  }

  /** Whether it is the stream of the session now, and not of an earlier one. */
  @SuppressWarnings("ReferenceEquality") // a stream is equal to nothing but itself
  private boolean isCurrent(@Nullable ClientCallStreamObserver<FromMember> stream) {
    return out == stream;
  }

  private static String describe(Status status) {
    Throwable cause = status.getCause();
    return status.getCode()
        + (status.getDescription() == null ? "" : ": " + status.getDescription())
        + (cause == null ? "" : ": " + cause.getMessage());
  }

  private final class Answers implements ClientResponseObserver<FromMember, FromTracker> {
    private @Nullable ClientCallStreamObserver<FromMember> stream;

    @Override
    public void beforeStart(ClientCallStreamObserver<FromMember> requests) {
      stream = requests;
      out = requests;
      // Ready for the first time: the transport is up and the tracker has sent its settings.
      requests.setOnReadyHandler(() -> {
        if (!connected && !closed && isCurrent(requests)) {
          opened();
        }
      });
    }

    @Override
    public void onNext(FromTracker message) {
      if (!isCurrent(stream) || closed) {
        return;
      }
      try {
        listener.received(TrackerLink.this, Messages.decode(message));
      } catch (MalformedMessageException e) {
        LOG.warn("tracker {} sent a malformed message: {}", name, e.getMessage());
        if (stream != null) {
          stream.cancel("malformed message: " + e.getMessage(), null);
        }
      }
    }

    @Override
    public void onError(Throwable t) {
      if (isCurrent(stream)) {
        failed(Status.fromThrowable(t));
      }
    }

    @Override
    public void onCompleted() {
      if (isCurrent(stream)) {
        failed(Status.UNAVAILABLE.withDescription("the tracker ended the session"));
      }
    }
  }
}
