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

/**
 * Lets event loops that receive bulk bytes under a limit wake up for many of them at once.
 * Thread-safe.
 */
public final class LoopBeat {
  /*
   * A network card under load holds interrupts back until there is enough to interrupt for
   * (ethtool's adaptive coalescing). An event loop has the same trouble one floor up: under a limit
   * of 20 MB/s it is woken some hundred times a second, by timers, by other threads and by every
   * few packets, and each time it comes back to cold caches for a few dozen KiB.
   *
   * So a loop that has just woken up lets a beat pass before it looks again: the time in which half
   * a MiB comes at the limit, 20 ms at most. Whoever is busy for longer than a beat does not wait
   * at all, and a loop that has slept is woken by the first event as ever.
   *
   * Only what a limit holds back anyhow is held back. A beat that followed the rate would be its
   * cause: less comes because the loop looks less often, so that it looks less often still. So
   * there is none without a limit, nor far below it, nor while more is sent than a limit of that
   * size would explain, as when a client is served from the store.
   *
   * Nobody waits either while somebody reads on demand, and for a second after, since such reads
   * come in rows.
   */

  /** Bytes that are worth a wake-up. */
  private static final long WORTH = 512 << 10;

  private static final long LONGEST = TimeUnit.MILLISECONDS.toNanos(20);

  /** Below that a pause costs about as much as it saves. */
  private static final long SHORTEST = TimeUnit.MICROSECONDS.toNanos(200);

  /** How long bytes are counted to tell the rate. */
  private static final long WINDOW = TimeUnit.MILLISECONDS.toNanos(100);

  /** At this part of the limit a link counts as limited. */
  private static final double LIMITED = 0.25;

  /**
   * Who sends so many times the limit is not limited by it. Others may be sent as much, and the
   * client for whom it comes, and both in bursts.
   */
  private static final double UNLIMITED = 4;

  /** How long after the last read on demand the next one is expected. */
  private static final long LINGER = TimeUnit.SECONDS.toNanos(1);

  private final LongAdder received = new LongAdder();
  private final LongAdder sent = new LongAdder();
  private final LongSupplier clock;
  private volatile RateLimit limit = RateLimit.UNLIMITED;
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

  /** The most that the loops receive; unlimited until it is told. */
  public void limit(RateLimit most) {
    limit = most;
  }

  /** The loops have received so many bytes under the limit. */
  public void received(long bytes) {
    received.add(bytes);
  }

  /** The loops are about to send so many bytes to anybody. */
  void sends(long bytes) {
    sent.add(bytes);
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
    private long receivedBefore = received.sum();
    private long sentBefore = sent.sum();
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
      long receivedNow = received.sum();
      long sentNow = sent.sum();
      beat = beat(limit, receivedNow - receivedBefore, sentNow - sentBefore, elapsed / 1e9);
      windowBegan = now;
      receivedBefore = receivedNow;
      sentBefore = sentNow;
    }

    private static long beat(RateLimit limit, long received, long sent, double seconds) {
      double most = limit.bytesPerSecond() * seconds;
      return limit.isUnlimited() || received < LIMITED * most || sent > UNLIMITED * most
          ? 0
          : Math.min(LONGEST, (long) (WORTH * 1e9 / limit.bytesPerSecond()));
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
