package dev.longshore.swarm.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Peers that wait for something of a blob, and whose turn it is: blobs take turns, and of each who
 * needs it most. Not thread-safe.
 */
public final class BlobsInTurn<B, T> {
  /*
   * Deficit round robin in which a turn is paid for afterwards (surplus round robin): a blob is
   * served while it has credit, may run into debt by one piece, and then waits until its quanta have
   * paid for it. So a blob that a thousand peers want and a blob that one peer wants get the same
   * bytes, whatever their pieces. A blob that nobody waits for stays until its debt is paid:
   * otherwise the one peer, who asks again only after each piece, would never pay.
   */
  private static final long QUANTUM = 256 << 10;

  /** What costs so much takes a turn each. */
  static final long ONE_TURN = QUANTUM;

  private static final class Lane<B, T> {
    final B blob;
    final NeediestFirst<Waiting<T>> waiting = new NeediestFirst<>();
    long credit = QUANTUM;

    Lane(B blob) {
      this.blob = blob;
    }
  }

  private record Waiting<T>(T who, long bytes) {}

  private final Map<B, Lane<B, T>> lanes = new HashMap<>();
  private final Deque<Lane<B, T>> ring = new ArrayDeque<>();

  /**
   * Someone waits.
   *
   * @param bytes what a turn of his costs
   * @param share how much of the blob he has, in any unit that is the same for all
   */
  public void add(B blob, T who, long bytes, int share) {
    Lane<B, T> lane = lanes.get(blob);
    if (lane == null) {
      lane = new Lane<>(blob);
      lanes.put(blob, lane);
      ring.add(lane);
    }
    lane.waiting.add(new Waiting<>(who, bytes), share);
  }

  /** Whose turn it is, and he waits no more; null if nobody does. */
  public @Nullable T next() {
    for (Lane<B, T> lane = ring.peek(); lane != null; lane = ring.peek()) {
      Waiting<T> next = lane.credit > 0 ? lane.waiting.next() : null;
      if (next != null) {
        lane.credit -= next.bytes;
        return next.who;
      }
      ring.remove();
      if (lane.credit > 0) {
        lanes.remove(lane.blob);
      } else {
        lane.credit += QUANTUM;
        ring.add(lane);
      }
    }
    return null;
  }

  /** Those of whom this is true wait no more; false if it is true of nobody. */
  public boolean removeIf(Predicate<T> test) {
    boolean some = false;
    for (Lane<B, T> lane : ring) {
      some |= lane.waiting.removeIf(waiting -> test.test(waiting.who));
    }
    return some;
  }
}
