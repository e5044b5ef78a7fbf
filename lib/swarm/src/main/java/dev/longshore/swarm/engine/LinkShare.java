package dev.longshore.swarm.engine;

import dev.longshore.swarm.Priority;
import dev.longshore.swarm.engine.RequestScheduler.Seat;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who may ask next when what a node receives has a limit. Not thread-safe. */
final class LinkShare {
  /*
   * Every request is paid for when it is sent. While there is credit whoever asks may send. When
   * there is none, downloads queue: a higher class first; in a class each blob in turn, by bytes
   * (deficit round robin, Shreedhar and Varghese 1995), so that neither large pieces nor many peers
   * give a blob more than its share, and one that waits for slow peers holds up nobody, since it
   * paid when it asked. Each lower class that waits gets a 32nd of what higher ones get.
   *
   * A queued download stays queued until it says that it has nothing more to ask for: it takes a
   * moment to use its turn, and the less urgent must not slip in meanwhile.
   */

  /** What a blob may send in one turn; a larger piece takes several. */
  private static final long QUANTUM = 256 << 10;

  /** What may be granted to a download and not used yet. */
  private static final long MOST_GRANTED = 1 << 20;

  private static final long FEWEST_BURST = 512 << 10;
  private static final double NANOS = 1e9;

  private final long bytesPerSecond;
  private final long burst;
  private final List<Deque<Seat>> queues = new ArrayList<>();

  /** What each class has coming of what higher ones got while it waited. */
  private final long[] owed = new long[Priority.values().length];

  private long credit;
  private long creditAt;

  LinkShare(long bytesPerSecond, long now) {
    this.bytesPerSecond = bytesPerSecond;
    this.burst = Math.max(FEWEST_BURST, bytesPerSecond / 4);
    this.credit = burst;
    this.creditAt = now;
    for (Priority _ : Priority.values()) {
      queues.add(new ArrayDeque<>());
    }
  }

  private boolean isUnlimited() {
    return bytesPerSecond == Long.MAX_VALUE;
  }

  /** Whether so many bytes may be asked for now; if not, the download is queued. */
  boolean pays(Seat seat, long bytes, long now) {
    if (isUnlimited()) {
      return true;
    }
    if (seat.granted >= bytes) {
      seat.granted -= bytes;
      return true;
    }
    refill(now);
    if (credit > 0 && !waitsBefore(seat, seat.rank())) {
      spend(seat.rank(), bytes);
      return true;
    }
    refuse(seat, bytes);
    return false;
  }

  /**
   * The same for a lease, which is for many pieces at once: it is not made to wait behind others of
   * its class. It is paid for all the same.
   */
  boolean paysForLease(Seat seat, long bytes) {
    if (isUnlimited()) {
      return true;
    }
    boolean lower = waitsBefore(seat, seat.rank() - 1);
    long covered = Math.min(bytes, MOST_GRANTED);
    if (lower && seat.granted < covered) {
      refuse(seat, covered);
      return false;
    }
    covered = Math.min(covered, seat.granted);
    seat.granted -= covered;
    owed[seat.rank()] -= lower ? bytes - covered : 0;
    seat.deficit -= waitsBefore(seat, seat.rank()) ? bytes - covered : 0;
    spend(seat.rank(), bytes - covered);
    return true;
  }

  private void refuse(Seat seat, long bytes) {
    seat.refused = true;
    seat.need = bytes;
    queue(seat);
  }

  /** Bytes that were paid for will not come. */
  void payBack(long bytes, long now) {
    if (!isUnlimited()) {
      refill(now);
      credit = Math.min(burst, credit + bytes);
    }
  }

  /** The download has nothing more to ask for, unless it was refused just now. */
  void askedAll(Seat seat) {
    if (!seat.refused && (seat.queued || seat.granted > 0)) {
      leave(seat);
    }
    seat.refused = false;
  }

  /** Takes a download out of the queue, and back what it was granted. */
  void leave(Seat seat) {
    unqueue(seat);
    credit = Math.min(burst, credit + seat.granted);
    seat.granted = 0;
  }

  void queue(Seat seat) {
    if (!seat.queued) {
      seat.queued = true;
      queues.get(seat.rank()).addLast(seat);
    }
  }

  void unqueue(Seat seat) {
    if (seat.queued) {
      seat.queued = false;
      seat.deficit = Math.min(0, seat.deficit);
      Deque<Seat> queue = queues.get(seat.rank());
      queue.remove(seat);
      if (queue.isEmpty()) {
        owed[seat.rank()] = 0;
      }
    }
  }

  boolean isAnyoneQueued() {
    return waitsBefore(null, owed.length - 1);
  }

  /** Whose turn it is; his is granted what he needs. Null: nobody's now. */
  @Nullable Seat next(long now) {
    if (isUnlimited()) {
      return null;
    }
    refill(now);
    int highest = highestQueued();
    if (credit <= 0 || highest < 0) {
      return null;
    }
    int rank = rankInTurn(highest);
    Seat seat = inTurn(queues.get(rank));
    if (seat != null) {
      owed[rank] -= rank == highest ? 0 : seat.need;
      seat.deficit -= seat.need;
      seat.granted += seat.need;
      spend(rank, seat.need);
    }
    return seat;
  }

  /** When {@link #next} is worth asking again; {@link Long#MAX_VALUE}: not for the time. */
  long nextAt(long now) {
    if (isUnlimited() || !isAnyoneQueued()) {
      return Long.MAX_VALUE;
    }
    refill(now);
    // With credit left, it is a queued download that has not used its turn yet.
    return credit > 0
        ? Long.MAX_VALUE
        : now + 1 + (long) Math.ceil((1 - credit) * NANOS / bytesPerSecond);
  }

  private void refill(long now) {
    double more = (now - creditAt) * (bytesPerSecond / NANOS);
    if (more >= 1) {
      credit = (long) Math.min((double) burst, credit + more);
      creditAt = now;
    }
  }

  private int highestQueued() {
    for (int rank = 0; rank < owed.length; rank++) {
      if (!queues.get(rank).isEmpty()) {
        return rank;
      }
    }
    return -1;
  }

  /** The highest class that waits, unless a lower one has something coming. */
  private int rankInTurn(int highest) {
    for (int rank = highest + 1; rank < owed.length; rank++) {
      Seat head = queues.get(rank).peek();
      if (head != null && owed[rank] >= head.need) {
        return rank;
      }
    }
    return highest;
  }

  /** Deficit round robin; null when each has turns that it has not used. */
  private static @Nullable Seat inTurn(Deque<Seat> queue) {
    boolean some = false;
    for (Seat seat : queue) {
      some |= seat.granted < MOST_GRANTED;
    }
    while (some) {
      Seat head = queue.getFirst();
      if (head.granted < MOST_GRANTED) {
        if (head.deficit >= head.need) {
          return head;
        }
        head.deficit += QUANTUM;
      }
      queue.addLast(queue.removeFirst());
    }
    return null;
  }

  private void spend(int rank, long bytes) {
    credit -= bytes;
    for (int lower = rank + 1; lower < owed.length; lower++) {
      owed[lower] = queues.get(lower).isEmpty() ? 0 : owed[lower] + bytes / RequestScheduler.FLOOR;
    }
  }

  /** Whether another download waits in a class down to this one. */
  private boolean waitsBefore(@Nullable Seat seat, int lowestRank) {
    for (int rank = 0; rank <= lowestRank; rank++) {
      for (Seat other : queues.get(rank)) {
        if (other != seat) {
          return true;
        }
      }
    }
    return false;
  }
}
