package dev.longshore.swarm.node;

import dev.longshore.service.net.TokenBucket;
import io.netty.util.concurrent.EventExecutorGroup;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Whose piece is sent next under the upload limit: connections take turns, one piece a turn.
 * Thread-safe.
 */
final class UploadTurns {

  /** A connection that has a piece to send. Called on any thread. */
  interface Sender {
    /** The turn has come: send one piece of the length that was asked for. */
    void turn();
  }

  private record Waiting(Sender sender, int bytes) {}

  private final TokenBucket bucket;
  private final EventExecutorGroup timers;
  private final LongSupplier clock;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private boolean paying;

  UploadTurns(TokenBucket bucket, EventExecutorGroup timers, LongSupplier clock) {
    this.bucket = bucket;
    this.timers = timers;
    this.clock = clock;
  }

  /** Asks for a turn to send a piece of so many bytes; a sender asks again only after its turn. */
  void ask(Sender sender, int bytes) {
    if (bucket.limit().isUnlimited()) {
      sender.turn();
      return;
    }
    synchronized (this) {
      waiting.add(new Waiting(sender, bytes));
    }
    serve();
  }

  /** Gives up a turn that was waited for. Returns false if the turn was given already. */
  synchronized boolean withdraw(Sender sender) {
    return waiting.removeIf(each -> each.sender.equals(sender));
  }

  private void serve() {
    while (true) {
      Waiting next;
      long wait;
      synchronized (this) {
        if (paying || waiting.isEmpty()) {
          return;
        }
        next = waiting.removeFirst();
        wait = bucket.reserve(next.bytes, clock.getAsLong());
        paying = wait > 0;
      }
      if (wait > 0) {
        var _ = timers.schedule(() -> paid(next), wait, TimeUnit.NANOSECONDS);
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
