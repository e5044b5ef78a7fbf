package dev.longshore.tracker;

import dev.longshore.swarm.tracker.MemberMessage;
import dev.longshore.swarm.tracker.TrackerMessage;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The decisions of a tracker without its sockets, threads and clock, for simulators: what comes in
 * is given to it, what it would send is given back. Not thread-safe.
 */
public final class TrackerCore {

  /** Where messages to members go. */
  public interface Outbox {
    void send(long session, TrackerMessage message);

    /** The session's member broke a rule and is forgotten. */
    void close(long session, String reason);
  }

  /** How often {@link #tick} is due, nanoseconds. */
  public static final long TICK_NANOS = Tracker.TICK_MILLIS * 1_000_000;

  private final TrackerState state;
  private final Outbox outbox;

  /**
   * A tracker with the numbers of the shipped one.
   *
   * @param now nanoseconds of the clock of all calls; it gives no leases before it has settled
   */
  public TrackerCore(RandomGenerator random, long now, Outbox outbox) {
    this.state = new TrackerState(TrackerPolicy.defaults(), random, now);
    this.outbox = outbox;
  }

  /** A session was opened; its number is never used again. */
  public void opened(long session, String remoteHost, long now) {
    handle(new TrackerEvent.Opened(session, remoteHost), now);
  }

  public void received(long session, MemberMessage message, long now) {
    handle(new TrackerEvent.Received(session, message), now);
  }

  public void ended(long session, long now) {
    handle(new TrackerEvent.Ended(session), now);
  }

  public void tick(long now) {
    handle(new TrackerEvent.Tick(), now);
  }

  private void handle(TrackerEvent event, long now) {
    List<TrackerAction> actions = state.handle(event, now);
    for (TrackerAction action : actions) {
      switch (action) {
        case TrackerAction.Send send -> outbox.send(send.session(), send.message());
        case TrackerAction.Close close -> outbox.close(close.session(), close.reason());
      }
    }
  }
}
