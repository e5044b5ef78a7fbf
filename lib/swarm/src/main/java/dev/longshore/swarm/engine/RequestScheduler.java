package dev.longshore.swarm.engine;

import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.Priority;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides which download of a node sends its next request: the urgent before the others, blobs of
 * one priority in turn. Not thread-safe.
 *
 * <p>What arrives was asked for, so a node divides its downlink, and what its peers give it, by
 * dividing its requests; nothing of this travels.
 */
public final class RequestScheduler {
  /** A lower class gets one byte for so many of a higher one. */
  static final int FLOOR = 32;

  private static final Object SOURCE = new Object();

  private final Deque<Seat> calls = new ArrayDeque<>();
  private final LinkShare link;
  private final PlaceShare shares = new PlaceShare(this::call);

  /**
   * A scheduler of nothing yet.
   *
   * @param bytesPerSecond what the node may receive; {@link Long#MAX_VALUE}: no limit
   */
  public RequestScheduler(long bytesPerSecond, long now) {
    this.link = new LinkShare(bytesPerSecond, now);
  }

  /** A download comes in. */
  public Seat join(Priority priority) {
    return new Seat(priority);
  }

  /** The next download that is to get {@link Event.Turn}; null: none now. */
  public @Nullable Seat nextCall(long now) {
    for (Seat seat = link.next(now); seat != null; seat = link.next(now)) {
      call(seat);
    }
    Seat seat = calls.poll();
    if (seat != null) {
      seat.called = false;
    }
    return seat;
  }

  /** When {@link #nextCall} is worth asking again; {@link Long#MAX_VALUE}: not for the time. */
  public long nextCallAt(long now) {
    return link.nextAt(now);
  }

  /** Whether {@link #nextCall} has something to do now or later. */
  public boolean isAnyoneWaiting() {
    return !calls.isEmpty() || link.isAnyoneQueued();
  }

  private void call(Seat seat) {
    if (!seat.called && !seat.left) {
      seat.called = true;
      calls.add(seat);
    }
  }

  /** One download's place in the order. */
  public final class Seat implements RequestTurns {
    private Priority priority;
    private boolean called;
    private boolean left;

    /** Kept by {@link LinkShare}: paid for and not used. */
    long granted;

    /** Kept by {@link LinkShare}: what it may take of its class's next round. */
    long deficit;

    /** Kept by {@link LinkShare}: what it was refused last. */
    long need;

    /** Kept by {@link LinkShare}. */
    boolean queued;

    /** Kept by {@link LinkShare}: since {@link #askedAll}. */
    boolean refused;

    /** Kept by {@link PlaceShare}: where it waits or is owed something. */
    final Set<Object> places = new HashSet<>();

    private Seat(Priority priority) {
      this.priority = priority;
    }

    public Priority priority() {
      return priority;
    }

    int rank() {
      return priority.rank();
    }

    boolean isAbove(Seat other) {
      return priority.isAbove(other.priority);
    }

    /** From now on the download is this urgent. */
    public void raiseOrLower(Priority to) {
      if (to == priority || left) {
        return;
      }
      boolean wasQueued = queued;
      link.unqueue(this);
      priority = to;
      if (wasQueued) {
        link.queue(this);
      }
      shares.changed(this);
      call(this);
    }

    /** The download is over; all that it holds is free. */
    public void leave() {
      left = true;
      link.leave(this);
      calls.remove(this);
      shares.leave(this);
    }

    @Override
    public Answer ask(PeerId peer, long bytes, long now) {
      if (left || shares.isTaken(peer, this, bytes, now)) {
        return Answer.NOT_THERE;
      }
      if (!link.pays(this, bytes, now)) {
        return Answer.NOT_NOW;
      }
      shares.opened(peer, this, bytes);
      return Answer.YES;
    }

    @Override
    public boolean askSource(long bytes, long now) {
      if (left || shares.isTaken(SOURCE, this, bytes, now) || !link.paysForLease(this, bytes)) {
        return false;
      }
      shares.opened(SOURCE, this, bytes);
      return true;
    }

    @Override
    public void over(PeerId peer, long bytes, boolean arrived, long now) {
      ended(peer, bytes, arrived, now);
    }

    @Override
    public void sourceOver(long bytes, boolean arrived, long now) {
      ended(SOURCE, bytes, arrived, now);
    }

    private void ended(Object place, long bytes, boolean arrived, long now) {
      if (bytes > 0 && !left) {
        if (!arrived) {
          link.payBack(bytes, now);
        }
        shares.closed(place, this, bytes, arrived);
      }
    }

    @Override
    public void askedAll(long now) {
      link.askedAll(this);
    }
  }
}
