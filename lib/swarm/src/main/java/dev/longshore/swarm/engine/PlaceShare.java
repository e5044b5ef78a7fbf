package dev.longshore.swarm.engine;

import dev.longshore.swarm.engine.RequestScheduler.Seat;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Which downloads use a peer, or the source, and who has to leave it to them. Not thread-safe. */
final class PlaceShare {
  /*
   * It is a peer's uplink, or the source's, that is shared here; nobody on this side knows its rate.
   * So a download does not ask a peer that owes something to a more urgent one, except for a 32nd of
   * what that one gets there, and for one piece a second if it gets nothing. A peer that no urgent
   * download uses is left to the others whole.
   */

  /** One who is less urgent may ask a place that gives it nothing so often. */
  private static final long FLOOR_NANOS = 1_000_000_000L;

  private static final class Use {
    final Seat seat;

    /** Bytes asked for and not come. */
    long open;

    boolean waiting;
    long need;

    /** What it has coming of what the more urgent ones got here. */
    long due;

    /** Since when it got nothing. */
    long since;

    Use(Seat seat) {
      this.seat = seat;
    }
  }

  private final Map<Object, List<Use>> places = new HashMap<>();
  private final Consumer<Seat> calls;

  /**
   * Places without users.
   *
   * @param calls gets downloads that may have a place they were refused
   */
  PlaceShare(Consumer<Seat> calls) {
    this.calls = calls;
  }

  /** Whether a more urgent download has this place now; whoever is refused is called later. */
  boolean isTaken(Object place, Seat seat, long bytes, long now) {
    List<Use> uses = places.get(place);
    if (uses == null || !isOwedAbove(uses, seat)) {
      return false;
    }
    Use use = useOf(uses, seat);
    if (!use.waiting) {
      use.waiting = true;
      use.since = now;
      seat.places.add(place);
    }
    use.need = bytes;
    if (use.due < bytes && now - use.since < FLOOR_NANOS) {
      return true;
    }
    use.due -= Math.min(use.due, bytes);
    use.since = now;
    return false;
  }

  void opened(Object place, Seat seat, long bytes) {
    useOf(places.computeIfAbsent(place, _ -> new ArrayList<>(2)), seat).open += bytes;
    seat.places.add(place);
  }

  void closed(Object place, Seat seat, long bytes, boolean arrived) {
    List<Use> uses = places.get(place);
    Use use = uses == null ? null : find(uses, seat);
    if (uses == null || use == null) {
      return;
    }
    use.open = Math.max(0, use.open - bytes);
    for (Use other : uses) {
      if (arrived && other.waiting && seat.isAbove(other.seat)) {
        other.due += bytes / RequestScheduler.FLOOR;
      }
    }
    settle(place, uses);
  }

  /** A download became more urgent, or less. */
  void changed(Seat seat) {
    for (Object place : List.copyOf(seat.places)) {
      List<Use> uses = places.get(place);
      if (uses != null) {
        settle(place, uses);
      }
    }
  }

  /** A download is over. */
  void leave(Seat seat) {
    for (Object place : List.copyOf(seat.places)) {
      List<Use> uses = places.get(place);
      if (uses != null) {
        uses.removeIf(use -> use.seat == seat);
        settle(place, uses);
      }
    }
    seat.places.clear();
  }

  /** Calls those who wait for a place and may have it; forgets who has nothing to do with it. */
  private void settle(Object place, List<Use> uses) {
    boolean idle = false;
    for (Use each : uses) {
      if (each.waiting && !isOwedAbove(uses, each.seat)) {
        each.waiting = false;
        each.due = 0;
        calls.accept(each.seat);
      } else if (each.waiting && each.due >= each.need) {
        calls.accept(each.seat);
      }
      idle |= each.open == 0 && !each.waiting;
    }
    if (idle) {
      uses.removeIf(each -> {
        boolean gone = each.open == 0 && !each.waiting;
        if (gone) {
          each.seat.places.remove(place);
        }
        return gone;
      });
    }
    if (uses.isEmpty()) {
      places.remove(place);
    }
  }

  private static boolean isOwedAbove(List<Use> uses, Seat seat) {
    for (Use use : uses) {
      if (use.open > 0 && use.seat.isAbove(seat)) {
        return true;
      }
    }
    return false;
  }

  private static Use useOf(List<Use> uses, Seat seat) {
    Use known = find(uses, seat);
    if (known == null) {
      known = new Use(seat);
      uses.add(known);
    }
    return known;
  }

  private static @Nullable Use find(List<Use> uses, Seat seat) {
    for (Use use : uses) {
      if (use.seat == seat) {
        return use;
      }
    }
    return null;
  }
}
