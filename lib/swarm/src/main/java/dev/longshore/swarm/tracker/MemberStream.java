package dev.longshore.swarm.tracker;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.tracker.proto.FromMember;
import dev.longshore.swarm.tracker.proto.FromTracker;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One member's stream at the tracker: messages in, and answers out as fast as it takes them. */
final class MemberStream implements StreamObserver<FromMember>, TrackerService.MemberLink {

  /*
   * What a slow member costs: gRPC buffers up to its readiness threshold (32 KiB) and the message
   * that crosses it. After that lists of peers are dropped and only the blob is remembered; other
   * answers wait here. Nothing more is read from such a member, so these are answers to what it
   * asked before, and they are limited: one that lets more pile up is cut off.
   */
  static final int MAX_WAITING = 4_096;

  private static final Logger LOG = LoggerFactory.getLogger(MemberStream.class);

  private final ServerCallStreamObserver<FromTracker> out;
  private final String remoteHost;
  private final Object lock = new Object();
  private final Queue<TrackerMessage> waiting = new ArrayDeque<>(); // guarded by lock
  private final Set<Digest> missed = new LinkedHashSet<>(); // guarded by lock
  private boolean readPaused; // guarded by lock
  private boolean over; // guarded by lock
  private final AtomicBoolean endTold = new AtomicBoolean();
  private volatile TrackerService.@Nullable Session session;

  MemberStream(ServerCallStreamObserver<FromTracker> out, String remoteHost) {
    this.out = out;
    this.remoteHost = remoteHost;
  }

  /** To be called before the call's handler returns: gRPC wants its callbacks set by then. */
  void start(TrackerService service) {
    out.disableAutoRequest();
    out.setOnReadyHandler(this::onReady);
    out.setOnCancelHandler(() -> end("the connection ended"));
    session = service.opened(this);
    out.request(1);
  }

  @Override
  public String remoteHost() {
    return remoteHost;
  }

  @Override
  public void onNext(FromMember encoded) {
    MemberMessage message;
    try {
      message = Messages.decode(encoded);
    } catch (MalformedMessageException e) {
      close("malformed message: " + e.getMessage());
      return;
    }
    TrackerService.Session current = session;
    if (current != null) {
      try {
        current.received(message);
      } catch (RuntimeException e) {
        LOG.error("closing the session of {}: cannot handle {}", remoteHost, message, e);
        close("internal error of the tracker: " + e.getClass().getSimpleName());
      }
    }
    synchronized (lock) {
      readPaused = !out.isReady();
      if (readPaused || over) {
        return;
      }
    }
    out.request(1);
  }

  private void onReady() {
    Set<Digest> refresh;
    boolean resume;
    synchronized (lock) {
      while (!over && out.isReady() && !waiting.isEmpty()) {
        out.onNext(Messages.encode(waiting.remove()));
      }
      if (over || !out.isReady()) {
        return;
      }
      refresh = new LinkedHashSet<>(missed);
      missed.clear();
      resume = readPaused;
      readPaused = false;
    }
    TrackerService.Session current = session;
    if (current != null) {
      refresh.forEach(current::missedPeers);
    }
    if (resume) {
      out.request(1);
    }
  }

  @Override
  public void send(TrackerMessage message) {
    boolean overflow;
    synchronized (lock) {
      if (over) {
        return;
      }
      if (out.isReady() && waiting.isEmpty()) {
        out.onNext(Messages.encode(message));
        return;
      }
      if (message instanceof TrackerMessage.Peers peers) {
        missed.add(peers.blob());
      } else {
        waiting.add(message);
      }
      overflow = waiting.size() > MAX_WAITING || missed.size() > MAX_WAITING;
    }
    if (overflow) {
      close("the member does not read its answers: more than " + MAX_WAITING + " are waiting");
    }
  }

  @Override
  public void close(String reason) {
    synchronized (lock) {
      if (over) {
        return;
      }
      over = true;
      waiting.clear();
      missed.clear();
      out.onError(Status.FAILED_PRECONDITION.withDescription(reason).asRuntimeException());
    }
    endSession(reason);
  }

  @Override
  public void onError(Throwable t) {
    end(String.valueOf(t.getMessage()));
  }

  @Override
  public void onCompleted() {
    synchronized (lock) {
      if (!over) {
        over = true;
        out.onCompleted();
      }
    }
    endSession("the member left");
  }

  private void end(String reason) {
    synchronized (lock) {
      over = true;
      waiting.clear();
      missed.clear();
    }
    endSession(reason);
  }

  private void endSession(String reason) {
    TrackerService.Session current = session;
    if (current != null && endTold.compareAndSet(false, true)) {
      current.ended(reason);
    }
  }
}
