package dev.longshore.swarm.node;

import dev.longshore.service.net.RateLimit;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.Priority;
import dev.longshore.swarm.engine.RequestScheduler;
import dev.longshore.swarm.engine.RequestTurns;
import io.netty.util.concurrent.EventExecutorGroup;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whose request is sent next, among the downloads of this node. Thread-safe. */
final class DownloadTurns {
  private static final Logger log = LoggerFactory.getLogger(DownloadTurns.class);

  private final RequestScheduler scheduler;
  private final EventExecutorGroup timers;
  private final LongSupplier clock;
  private final Map<RequestScheduler.Seat, Runnable> calls = new HashMap<>();
  private boolean timerSet;

  DownloadTurns(RateLimit limit, EventExecutorGroup timers, LongSupplier clock) {
    this.scheduler = new RequestScheduler(limit.bytesPerSecond(), clock.getAsLong());
    this.timers = timers;
    this.clock = clock;
  }

  /**
   * A download comes in.
   *
   * @param call tells it that another request may be sent; any thread, and briefly
   */
  Seat join(Priority priority, Runnable call) {
    synchronized (this) {
      RequestScheduler.Seat seat = scheduler.join(priority);
      calls.put(seat, call);
      return new Seat(seat);
    }
  }

  /** Calls whose turn has come, and sees to it that the next ones are called in time. */
  private void callNext() {
    List<Runnable> due = List.of();
    synchronized (this) {
      long now = clock.getAsLong();
      for (RequestScheduler.Seat seat = scheduler.nextCall(now);
          seat != null;
          seat = scheduler.nextCall(now)) {
        due = due.isEmpty() ? new ArrayList<>() : due;
        Runnable call = calls.get(seat);
        if (call != null) {
          due.add(call);
        }
      }
      long next = timerSet ? Long.MAX_VALUE : scheduler.nextCallAt(now);
      if (next < Long.MAX_VALUE) {
        timerSet = true;
        schedule(next - now);
      }
    }
    due.forEach(Runnable::run);
  }

  private void schedule(long nanos) {
    try {
      var _ =
          timers.schedule(
              () -> {
                synchronized (this) {
                  timerSet = false;
                }
                callNext();
              },
              nanos,
              TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("the event loops have stopped: nobody is called any more");
    }
  }

  /** One download's place in the order. */
  final class Seat implements RequestTurns {
    private final RequestScheduler.Seat seat;

    private Seat(RequestScheduler.Seat seat) {
      this.seat = seat;
    }

    Priority priority() {
      synchronized (DownloadTurns.this) {
        return seat.priority();
      }
    }

    void raiseOrLower(Priority to) {
      synchronized (DownloadTurns.this) {
        seat.raiseOrLower(to);
      }
      callNext();
    }

    void leave() {
      synchronized (DownloadTurns.this) {
        seat.leave();
        calls.remove(seat);
      }
      callNext();
    }

    @Override
    public Answer ask(PeerId peer, long bytes, long now) {
      synchronized (DownloadTurns.this) {
        return seat.ask(peer, bytes, now);
      }
    }

    @Override
    public boolean askSource(long bytes, long now) {
      synchronized (DownloadTurns.this) {
        return seat.askSource(bytes, now);
      }
    }

    @Override
    public void over(PeerId peer, long bytes, boolean arrived, long now) {
      synchronized (DownloadTurns.this) {
        seat.over(peer, bytes, arrived, now);
      }
    }

    @Override
    public void sourceOver(long bytes, boolean arrived, long now) {
      synchronized (DownloadTurns.this) {
        seat.sourceOver(bytes, arrived, now);
      }
    }

    /** The last word of each event of a download: here those that it left room for are called. */
    @Override
    public void askedAll(long now) {
      boolean othersWait;
      synchronized (DownloadTurns.this) {
        seat.askedAll(now);
        othersWait = scheduler.isAnyoneWaiting();
      }
      if (othersWait) {
        callNext();
      }
    }
  }
}
