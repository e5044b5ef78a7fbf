package dev.longshore.service.net;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/** Lets event loops that carry bulk bytes wake up for many of them at once. Thread-safe. */
public final class LoopBeat {
  /*
   * A network card under load holds interrupts back until there is enough to interrupt for
   * (ethtool's adaptive coalescing). An event loop has the same trouble one floor up: on a link
   * of 20 MB/s it is woken some hundred times a second, by timers, by other threads and by every
   * few packets, and each time it comes back to cold caches for a few dozen KiB.
   *
   * So a loop that has just woken up lets a beat pass before it looks again: the time in which
   * half a MiB moves at the rate of the last tenth of a second, 20 ms at most. A fast link makes
   * it short, and whoever is busy for longer than a beat does not wait at all. On a slow or an
   * idle link there is none: a loop that has slept is woken by the first event as ever, and what
   * few bytes move do so at once. Nobody waits
   * either while somebody reads on demand, and for a second after, since such reads come in rows.
   */

  /** Bytes that are worth a wake-up. */
  private static final long WORTH = 512 << 10;

  private static final long LONGEST = TimeUnit.MILLISECONDS.toNanos(20);

  /** Below that a pause costs about as much as it saves. */
  private static final long SHORTEST = TimeUnit.MICROSECONDS.toNanos(200);

  /** Bytes a second from which on anything is held back. */
  private static final long BULK = 4 << 20;

  /** How long bytes are counted to tell the rate. */
  private static final long WINDOW = TimeUnit.MILLISECONDS.toNanos(100);

  /** How long after the last read on demand the next one is expected. */
  private static final long LINGER = TimeUnit.SECONDS.toNanos(1);

  private final LongAdder moved = new LongAdder();
  private final LongSupplier clock;
  private volatile boolean hurry;
  private volatile long calmAt;

  /** A beat for event loops that were made with {@link #around}. */
  public LoopBeat() {
    this(System::nanoTime);
  }

  LoopBeat(LongSupplier clock) {
    this.clock = clock;
    this.calmAt = clock.getAsLong();
  }

  /** The loops have received so many bytes, or are about to send them. */
  public void moved(long bytes) {
    moved.add(bytes);
  }

  /** Whether somebody waits for bytes who must not wait any longer than that takes. */
  public void hurry(boolean now) {
    if (hurry && !now) {
      calmAt = clock.getAsLong() + LINGER;
    }
    hurry = now;
  }

  /** Event loops that keep to this beat. */
  IoHandlerFactory around(IoHandlerFactory loops) {
    return executor -> new Beating(loops.newHandler(executor), new Pauses());
  }

  /** When one loop woke up, and how long it sleeps on. Owned by the loop. */
  final class Pauses {
    private long wokenAt = clock.getAsLong();
    private long windowBegan = wokenAt;
    private long movedBefore = moved.sum();
    private long beat;

    /** Nanoseconds to sleep before the loop looks for events again; 0 for none. */
    long before() {
      if (hurry) {
        return 0;
      }
      long now = clock.getAsLong();
      measure(now);
      if (now - calmAt < 0) {
        return 0;
      }
      long pause = wokenAt + beat - now;
      return beat == 0 || pause < SHORTEST ? 0 : pause;
    }

    void woken() {
      wokenAt = clock.getAsLong();
    }

    private void measure(long now) {
      long elapsed = now - windowBegan;
      if (elapsed < WINDOW) {
        return;
      }
      long sum = moved.sum();
      double rate = (sum - movedBefore) * 1e9 / elapsed;
      beat = rate < BULK ? 0 : Math.min(LONGEST, (long) (WORTH * 1e9 / rate));
      windowBegan = now;
      movedBefore = sum;
    }
  }

  /** The handler of one event loop, with pauses. */
  private record Beating(IoHandler loop, Pauses pauses) implements IoHandler {
    @Override
    public int run(IoHandlerContext context) {
      long pause = pauses.before();
      if (pause > 0) {
        LockSupport.parkNanos(this, pause);
      }
      int handled = loop.run(context);
      pauses.woken();
      return handled;
    }

    @Override
    public void initialize() {
      loop.initialize();
    }

    @Override
    public void prepareToDestroy() {
      loop.prepareToDestroy();
    }

    @Override
    public void destroy() {
      loop.destroy();
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
      return loop.register(handle);
    }

    @Override
    public void wakeup() {
      loop.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> handleType) {
      return loop.isCompatible(handleType);
    }
  }
}
