package dev.longshore.swarm.node;

import dev.longshore.swarm.Priority;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Bounds the bytes of pieces in memory: whoever begins to receive a piece reserves all of it, and
 * waits its turn when there is no room. Thread-safe.
 */
final class ByteBudget {
  private final long most;
  private long used;
  private final PriorityQueue<Reservation> waiting =
      new PriorityQueue<>(Comparator.comparingLong(reservation -> reservation.order));
  private final Arrivals arrivals = new Arrivals();

  ByteBudget(long most) {
    this.most = most;
  }

  /**
   * Reserves bytes.
   *
   * @param whenGranted called once, if there is no room now and then there is, on the thread that
   *     made room
   */
  Reservation reserve(int bytes, Priority priority, Runnable whenGranted) {
    Reservation reservation = new Reservation(bytes, arrivals.order(priority), whenGranted);
    synchronized (this) {
      if (waiting.isEmpty() && fits(bytes)) {
        used += bytes;
        reservation.granted = true;
      } else {
        waiting.add(reservation);
      }
    }
    return reservation;
  }

  /** Reserves bytes and blocks until there is room; for virtual threads. */
  Reservation await(int bytes, Priority priority) throws InterruptedException {
    CompletableFuture<Void> granted = new CompletableFuture<>();
    Reservation reservation = reserve(bytes, priority, () -> granted.complete(null));
    if (!reservation.isGranted()) {
      try {
        granted.get();
      } catch (InterruptedException e) {
        reservation.release();
        throw e;
      } catch (ExecutionException e) {
        throw new AssertionError("never completed exceptionally", e);
      }
    }
    return reservation;
  }

  synchronized long used() {
    return used;
  }

  /** A piece that is larger than the whole budget passes alone. */
  private boolean fits(int bytes) {
    return used == 0 || used + bytes <= most;
  }

  /** Room for one piece, granted or still waited for. */
  final class Reservation {
    private final int bytes;
    private final long order;
    private final Runnable whenGranted;
    private boolean granted;
    private boolean released;

    private Reservation(int bytes, long order, Runnable whenGranted) {
      this.bytes = bytes;
      this.order = order;
      this.whenGranted = whenGranted;
    }

    boolean isGranted() {
      synchronized (ByteBudget.this) {
        return granted;
      }
    }

    /** Gives the room back, or stops to wait for it. Idempotent. */
    void release() {
      List<Reservation> next = new ArrayList<>();
      synchronized (ByteBudget.this) {
        if (released) {
          return;
        }
        released = true;
        if (granted) {
          used -= bytes;
        } else {
          waiting.remove(this);
        }
        for (Reservation first = waiting.peek();
            first != null && fits(first.bytes);
            first = waiting.peek()) {
          waiting.remove();
          used += first.bytes;
          first.granted = true;
          next.add(first);
        }
      }
      next.forEach(reservation -> reservation.whenGranted.run());
    }
  }
}
