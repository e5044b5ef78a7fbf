package dev.longshore.bench.sim;

import dev.longshore.swarm.engine.BlobsInTurn;

/** Sends one piece at a time; those who have something to send take turns, by need. */
final class Uplink {

  /** Somebody with pieces to send. */
  abstract static class Lane {
    private boolean inTurn;

    /** How much of the blob he has who is to get the next piece. */
    abstract int share();

    /** Which blob the next piece is of. */
    abstract Object blob();

    /** Bytes in the next piece. */
    abstract int bytes();

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
  private final BlobsInTurn<Object, Lane> turns = new BlobsInTurn<>();
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
      turns.add(lane.blob(), lane, lane.bytes(), lane.share());
      if (!sending) {
        serve();
      }
    }
  }

  private void serve() {
    sending = false;
    while (!sending) {
      Lane lane = turns.next();
      if (lane == null) {
        return;
      }
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
      turns.add(lane.blob(), lane, lane.bytes(), lane.share());
    } else {
      lane.inTurn = false;
    }
    serve();
  }
}
