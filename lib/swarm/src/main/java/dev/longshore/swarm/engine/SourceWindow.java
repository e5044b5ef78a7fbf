package dev.longshore.swarm.engine;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** A download's dealings with the source: what is leased, when to ask again, whether to bother. */
final class SourceWindow {
  private static final long FIRST_BACKOFF = MILLISECONDS.toNanos(250);
  private static final long LAST_BACKOFF = SECONDS.toNanos(8);

  /** A broker that says "at once" is not asked in a tight loop. */
  private static final long SHORTEST_RETRY = MILLISECONDS.toNanos(20);

  /** So many corrupt pieces in a row mean that the source has other bytes than the map says. */
  private static final int CORRUPT_LIMIT = 3;

  private final int window;
  private final BitSet leased = new BitSet();
  private boolean asking;
  private long nextAsk;
  private long backoff = FIRST_BACKOFF;
  private int corrupt;
  private @Nullable String permanentFailure;

  /**
   * A window that starts closed.
   *
   * @param window most pieces leased at a time
   * @param nextAsk when the first lease may be asked for
   */
  SourceWindow(int window, long nextAsk) {
    this.window = window;
    this.nextAsk = nextAsk;
  }

  /**
   * How many pieces may be asked for now. Nothing is asked for while more than half of the window
   * is still being read: one question for many neighbours costs the broker, and the source, less
   * than a question a piece.
   */
  int room(long now) {
    boolean open = permanentFailure == null && !asking && now - nextAsk >= 0;
    int free = window - leased.cardinality();
    return open && 2 * free >= window ? free : 0;
  }

  long nextAsk() {
    return nextAsk;
  }

  boolean leased(int piece) {
    return leased.get(piece);
  }

  BitSet leases() {
    return (BitSet) leased.clone();
  }

  boolean idle() {
    return leased.isEmpty() && !asking;
  }

  @Nullable String permanentFailure() {
    return permanentFailure;
  }

  void asked() {
    asking = true;
  }

  void granted(BitSet pieces, long retryAfter, long now) {
    asking = false;
    leased.or(pieces);
    nextAsk = pieces.isEmpty() ? now + Math.max(retryAfter, SHORTEST_RETRY) : now;
  }

  /** Ends the lease of a piece that is here; false if there was none. */
  boolean stored(int piece) {
    boolean was = leased.get(piece);
    if (was) {
      leased.clear(piece);
      backoff = FIRST_BACKOFF;
      corrupt = 0;
    }
    return was;
  }

  /** The lease is void; the next one waits longer each time. */
  void failed(BitSet pieces, String reason, boolean permanent, long now) {
    leased.andNot(pieces);
    if (permanent) {
      permanentFailure = reason;
    }
    nextAsk = now + backoff;
    backoff = Math.min(2 * backoff, LAST_BACKOFF);
  }

  void corrupt(int piece, long now) {
    BitSet pieces = new BitSet();
    pieces.set(piece);
    corrupt++;
    failed(
        pieces,
        "the source sent " + corrupt + " pieces that do not match the piece map",
        corrupt >= CORRUPT_LIMIT,
        now);
  }
}
