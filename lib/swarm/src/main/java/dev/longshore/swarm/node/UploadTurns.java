package dev.longshore.swarm.node;

import dev.longshore.oci.Digest;
import dev.longshore.service.net.RateLimit;
import dev.longshore.service.net.TokenBucket;
import dev.longshore.swarm.engine.BlobsInTurn;
import dev.longshore.swarm.engine.UploadRoom;
import io.netty.util.concurrent.EventExecutorGroup;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whose piece is sent next under the upload limit, one piece a turn, and how many requests may wait
 * for that. Thread-safe.
 */
final class UploadTurns {

  /** A connection that has a piece to send. Called on any thread. */
  interface Sender {
    /** The turn has come: send one piece of the length that was asked for. */
    void turn();

    /** There is room again for a request of a blob of which one was refused. */
    void ready(Digest blob);
  }

  private record Waiting(Sender sender, int bytes) {}

  private record Refusal(Sender sender, Digest blob) {}

  /** What may wait is what the uplink sends in a second, divided by this. */
  private static final int ROOM_FRACTION = 10;

  /** What may wait when the uplink has no limit: a tenth of a second at some 5 Gbit/s. */
  private static final long UNLIMITED_ROOM = 64 << 20;

  private final TokenBucket bucket;
  private final EventExecutorGroup timers;
  private final LongSupplier clock;
  private final BlobsInTurn<Digest, Waiting> waiting = new BlobsInTurn<>();
  private final UploadRoom<Digest, Refusal> room;
  private boolean paying;

  UploadTurns(TokenBucket bucket, EventExecutorGroup timers, LongSupplier clock) {
    this.bucket = bucket;
    this.timers = timers;
    this.clock = clock;
    RateLimit limit = bucket.limit();
    this.room =
        new UploadRoom<>(
            limit.isUnlimited() ? UNLIMITED_ROOM : limit.bytesPerSecond() / ROOM_FRACTION);
  }

  /** A request for a piece of so many bytes comes to wait; false if there is no room for it. */
  synchronized boolean enter(Digest blob, int bytes) {
    return room.enter(blob, bytes);
  }

  /**
   * A request was refused: its sender is told when there is room.
   *
   * @param share how much of the blob the peer has, in thousandths
   */
  synchronized void refuse(Sender sender, Digest blob, int share) {
    room.refuse(blob, new Refusal(sender, blob), share);
  }

  /** A sender does not have to be told any more. */
  synchronized void forget(Sender sender, Digest blob) {
    var _ = room.forget(new Refusal(sender, blob));
  }

  /** A request waits no more. */
  void leave(Digest blob, int bytes) {
    List<Refusal> called;
    synchronized (this) {
      called = room.leave(blob, bytes);
    }
    called.forEach(refusal -> refusal.sender.ready(refusal.blob));
  }

  /**
   * Asks for a turn to send a piece of so many bytes; a sender asks again only after its turn.
   *
   * @param share how much of the blob the peer has, in thousandths
   */
  void ask(Sender sender, Digest blob, int bytes, int share) {
    if (bucket.limit().isUnlimited()) {
      sender.turn();
      return;
    }
    synchronized (this) {
      waiting.add(blob, new Waiting(sender, bytes), bytes, share);
    }
    serve();
  }

  /** Gives up a turn that was waited for. Returns false if the turn was given already. */
  synchronized boolean withdraw(Sender sender) {
    return waiting.removeIf(each -> each.sender.equals(sender));
  }

  private void serve() {
    while (true) {
      @Nullable Waiting next;
      long wait;
      synchronized (this) {
        next = paying ? null : waiting.next();
        if (next == null) {
          return;
        }
        wait = bucket.pace(next.bytes, clock.getAsLong());
        paying = wait > 0;
      }
      if (wait > 0) {
        Waiting due = next;
        var _ = timers.schedule(() -> paid(due), wait, TimeUnit.NANOSECONDS);
        return;
      }
      next.sender.turn();
    }
  }

  private void paid(Waiting next) {
    synchronized (this) {
      paying = false;
    }
    next.sender.turn();
    serve();
  }
}
