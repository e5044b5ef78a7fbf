package dev.longshore.bench.sim;

import java.util.ArrayDeque;
import java.util.Deque;

/** Sends one piece at a time; those who have something to send take turns. */
final class Uplink {

  /** Somebody with pieces to send. */
  abstract static class Lane {
    private boolean inTurn;

    /** Whether there is something to send. */
    abstract boolean isWaiting();

    /**
     * The turn has come: takes the next piece.
     *
     * @return its bytes
     */
    abstract int begin();
  }

  private final EventQueue events;
  private final double nanosPerByte;
  private final Deque<Lane> turns = new ArrayDeque<>();
  private boolean sending;

  Uplink(EventQueue events, long bytesPerSecond) {
    this.events = events;
    this.nanosPerByte = 1e9 / bytesPerSecond;
  }

  /** Nanoseconds that so many bytes take. */
  long time(int bytes) {
    return Math.round(bytes * nanosPerByte);
  }

  /** A lane has something to send. */
  void ask(Lane lane) {
    if (!lane.inTurn) {
      lane.inTurn = true;
      turns.add(lane);
      if (!sending) {
        serve();
      }
    }
  }

  private void serve() {
    sending = false;
    while (!sending && !turns.isEmpty()) {
      Lane lane = turns.remove();
      if (lane.isWaiting()) {
        sending = true;
        events.after(time(lane.begin()), () -> ended(lane));
      } else {
        lane.inTurn = false; // all that it had was taken back
      }
    }
  }

  private void ended(Lane lane) {
    if (lane.isWaiting()) {
      turns.add(lane);
    } else {
      lane.inTurn = false;
    }
    serve();
  }
}
