package dev.longshore.bench.sim;

import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** What is to happen, in the order of virtual time; what is due at the same time, as scheduled. */
final class EventQueue {
  /*
   * A calendar queue (Brown, 1988) of three parts: a heap of what is due in the present slot of
   * time, a ring of slots for the next second, unsorted, and a heap for all that is later. Most
   * events are due within milliseconds, so the heaps that are sorted stay small and in the cache.
   */
  private static final int SLOT_BITS = 14; // 16 microseconds
  private static final int SLOTS = 1 << 16;

  private static final class Scheduled implements Comparable<Scheduled> {
    final long time;
    final long order;
    final Runnable task;
    @Nullable Scheduled next;

    Scheduled(long time, long order, Runnable task) {
      this.time = time;
      this.order = order;
      this.task = task;
    }

    @Override
    public int compareTo(Scheduled other) {
      int byTime = Long.compare(time, other.time);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private final PriorityQueue<Scheduled> present = new PriorityQueue<>();
  private final @Nullable Scheduled[] ring = new Scheduled[SLOTS];
  private final PriorityQueue<Scheduled> later = new PriorityQueue<>();
  private int inRing;
  private long slot;
  private long now;
  private long order;
  private long executed;

  /**
   * An empty queue.
   *
   * @param now nanoseconds at which its clock stands
   */
  EventQueue(long now) {
    this.now = now;
    this.slot = now >> SLOT_BITS;
  }

  long now() {
    return now;
  }

  /** Events that have happened. */
  long executed() {
    return executed;
  }

  /** Schedules a task; a time in the past is now. */
  void at(long time, Runnable task) {
    place(new Scheduled(Math.max(time, now), order++, task));
  }

  void after(long delay, Runnable task) {
    at(now + delay, task);
  }

  /** Moves the clock to the next event and lets it happen; false if there is none. */
  boolean runNext() {
    while (present.isEmpty()) {
      if (inRing == 0 && later.isEmpty()) {
        return false;
      }
      nextSlot();
    }
    Scheduled next = present.remove();
    now = next.time;
    executed++;
    next.task.run();
    return true;
  }

  private void place(Scheduled event) {
    long due = event.time >> SLOT_BITS;
    if (due <= slot) {
      present.add(event);
    } else if (due - slot < SLOTS) {
      int at = (int) (due & (SLOTS - 1));
      event.next = ring[at];
      ring[at] = event;
      inRing++;
    } else {
      later.add(event);
    }
  }

  private void nextSlot() {
    Scheduled first = later.peek();
    slot = inRing == 0 && first != null ? first.time >> SLOT_BITS : slot + 1;
    while (first != null && (first.time >> SLOT_BITS) - slot < SLOTS) {
      later.remove();
      place(first);
      first = later.peek();
    }
    int at = (int) (slot & (SLOTS - 1));
    Scheduled event = ring[at];
    ring[at] = null;
    while (event != null) {
      Scheduled following = event.next;
      event.next = null;
      present.add(event);
      inRing--;
      event = following;
    }
  }
}
