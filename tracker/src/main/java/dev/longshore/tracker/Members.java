package dev.longshore.tracker;

import dev.longshore.oci.Digest;
import dev.longshore.piece.MalformedPieceMapException;
import dev.longshore.piece.TrustedKeys;
import dev.longshore.piece.UntrustedPieceMapException;
import dev.longshore.swarm.tracker.MemberMessage;
import dev.longshore.swarm.tracker.TrackerService;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Feeds the sessions' events to the state, one at a time, and does what it says. Thread-safe. */
final class Members implements TrackerService {
  private static final Logger LOG = LoggerFactory.getLogger(Members.class);

  private final TrackerState state; // guarded by lock
  private final Map<Long, MemberLink> links = new HashMap<>(); // guarded by lock
  private final ReentrantLock lock = new ReentrantLock();
  private final LongSupplier clock;
  private final @Nullable TrustedKeys keys;
  private final LongAdder mapsRefused = new LongAdder();
  private long lastSession; // guarded by lock

  Members(TrackerState state, LongSupplier clock, @Nullable TrustedKeys keys) {
    this.state = state;
    this.clock = clock;
    this.keys = keys;
  }

  @Override
  public Session opened(MemberLink link) {
    lock.lock();
    try {
      long session = ++lastSession;
      links.put(session, link);
      handle(new TrackerEvent.Opened(session, link.remoteHost()));
      return new OpenSession(session);
    } finally {
      lock.unlock();
    }
  }

  void tick() {
    handle(new TrackerEvent.Tick());
  }

  <T> T read(Function<TrackerState, T> reader) {
    lock.lock();
    try {
      return reader.apply(state);
    } finally {
      lock.unlock();
    }
  }

  double mapsRefused() {
    return mapsRefused.doubleValue();
  }

  private void handle(TrackerEvent event) {
    lock.lock();
    try {
      for (TrackerAction action : state.handle(event, clock.getAsLong())) {
        switch (action) {
          case TrackerAction.Send send -> {
            MemberLink link = links.get(send.session());
            if (link != null) {
              link.send(send.message());
            }
          }
          case TrackerAction.Close close -> {
            MemberLink link = links.remove(close.session());
            if (link != null) {
              LOG.info("closed the session from {}: {}", link.remoteHost(), close.reason());
              link.close(close.reason());
            }
          }
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private final class OpenSession implements Session {
    private final long id;

    OpenSession(long id) {
      this.id = id;
    }

    @Override
    public void received(MemberMessage message) {
      if (message instanceof MemberMessage.PublishMap map && !isTrusted(map)) {
        return;
      }
      handle(new TrackerEvent.Received(id, message));
    }

    private boolean isTrusted(MemberMessage.PublishMap map) {
      if (keys == null) {
        return true; // members check for themselves
      }
      try {
        return keys.open(map.signedMap()).map().digest().equals(map.digest());
      } catch (MalformedPieceMapException | UntrustedPieceMapException e) {
        mapsRefused.increment();
        LOG.warn("refused a piece map of {}: {}", map.digest(), e.getMessage());
        return false;
      }
    }

    @Override
    public void missedPeers(Digest blob) {
      handle(new TrackerEvent.MissedPeers(id, blob));
    }

    @Override
    public void ended(String reason) {
      lock.lock();
      try {
        links.remove(id);
        handle(new TrackerEvent.Ended(id));
      } finally {
        lock.unlock();
      }
    }
  }
}
