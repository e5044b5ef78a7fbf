package dev.longshore.swarm.node;

import java.util.BitSet;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Tells the members of a blob what was stored: the first piece at once, those that follow soon
 * after it together. Owned by the event loop of the download.
 */
final class StoredNews {
  /*
   * A HAVE wakes a process for the sake of one bit. On a link that takes a piece every few
   * milliseconds, as many members times as many pieces are most of what a swarm's event loops wake
   * up for; told together, they cost a fraction, and who waits for the first piece learns of it as
   * early as before.
   */

  /** No more is told for so long, however much there is to tell. */
  private static final long LEAST_PAUSE = TimeUnit.MILLISECONDS.toNanos(20);

  /** After that, so many pieces are worth telling... */
  private static final int WORTH_TELLING = 4;

  /** ...and after this any. */
  private static final long MOST_PAUSE = TimeUnit.MILLISECONDS.toNanos(50);

  private final Consumer<BitSet> members;
  private final ScheduledExecutorService loop;
  private final LongSupplier clock;
  private BitSet untold = new BitSet();
  private long toldAt;
  private boolean pausing;

  /**
   * No news.
   *
   * @param members told of pieces, a set that nobody changes any more
   * @param clock nanoseconds, monotonic
   */
  StoredNews(Consumer<BitSet> members, ScheduledExecutorService loop, LongSupplier clock) {
    this.members = members;
    this.loop = loop;
    this.clock = clock;
  }

  void stored(int piece) {
    untold.set(piece);
    if (!pausing
        || (untold.cardinality() >= WORTH_TELLING && clock.getAsLong() - toldAt >= LEAST_PAUSE)) {
      tell();
    }
  }

  /** Tells what was held back; nothing when there is none. */
  void tell() {
    if (untold.isEmpty()) {
      return;
    }
    BitSet pieces = untold;
    untold = new BitSet();
    toldAt = clock.getAsLong();
    members.accept(pieces);
    if (!pausing) {
      pausing = true;
      var _ = loop.schedule(this::paused, MOST_PAUSE, TimeUnit.NANOSECONDS);
    }
  }

  private void paused() {
    pausing = false;
    tell();
  }
}
