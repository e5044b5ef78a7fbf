package dev.longshore.swarm.engine;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Which requests for its pieces a member refuses that held the whole blob before others came for
 * it, so that no piece leaves it twice before each has left it once. Thread-safe.
 */
public final class FirstCopies<T> {
  /*
   * Who comes for a blob asks for its first pieces first, and so does everybody else. Served as they
   * ask, the only holder sends the same pieces again and again while nobody has the others, and the
   * swarm is as fast as its uplink divided by the copies. So, like BitTorrent's super-seeding (BEP
   * 16), it sends each piece to one peer first and leaves the second copy to that one. BEP 16 hides
   * what the holder has; here it says that it has everything, so that nobody takes a piece for lost
   * and goes to the source, and refuses (REJECT) a piece that is on its way to another: the peer
   * asks for something else at once, and hears of this one from whoever gets it.
   *
   * Nobody waits for long. A refusal holds for `patience` after the piece was promised or sent, and
   * for three times that at most whatever peers do; then it is offered again. What was taken back,
   * or was sent to one that left, counts as not sent. When every piece was sent once, or none that
   * was not has been asked for within `patience`, it is over for good.
   */

  /** The shortest time that a refusal holds after the piece was sent. */
  private static final long PATIENCE = SECONDS.toNanos(2);

  /** For so many times `patience` since it was first promised a piece is refused at most. */
  private static final int MOST = 3;

  /** So many pieces may wait for the uplink before the one that is refused; see UploadRoom. */
  private static final int QUEUE = 8;

  private final int pieces;
  private final long patience;

  /** To whom each piece was promised last; null: to nobody. Empty until something is. */
  private @Nullable Object[] carriers = {};

  private long[] promisedAt = {};

  /** When each piece was promised first, if it is in {@link #promised}. */
  private long[] firstPromisedAt = {};

  private final BitSet promised = new BitSet();
  private final BitSet sent = new BitSet();
  private boolean begun;
  private boolean over;

  /** When a piece was asked for last that was promised to nobody. */
  private long lastFirst;

  /**
   * No piece has been sent.
   *
   * @param pieceTime nanoseconds that the uplink takes for one
   */
  public FirstCopies(int pieces, long pieceTime) {
    this.pieces = pieces;
    this.patience = PATIENCE + QUEUE * pieceTime;
  }

  /** Whether a peer that asks for a piece is to be refused it. */
  public synchronized boolean refuses(T peer, int piece, long now) {
    if (isOver(now)) {
      return false;
    }
    if (!begun) {
      begun = true;
      lastFirst = now;
      carriers = new Object[pieces];
      promisedAt = new long[pieces];
      firstPromisedAt = new long[pieces];
    }
    if (carriers[piece] == null) {
      lastFirst = now;
    }
    return isPromisedToAnother(peer, piece, now);
  }

  /** A request that was not refused is to be served; false if another one was faster. */
  public synchronized boolean promises(T peer, int piece, long now) {
    if (isOn()) {
      if (isPromisedToAnother(peer, piece, now)) {
        return false;
      }
      carriers[piece] = peer;
      promisedAt[piece] = now;
      if (!promised.get(piece)) {
        promised.set(piece);
        firstPromisedAt[piece] = now;
      }
    }
    return true;
  }

  private boolean isPromisedToAnother(T peer, int piece, long now) {
    Object carrier = carriers[piece];
    return carrier != null && !carrier.equals(peer) && isWaitedFor(piece, now);
  }

  /** What was promised begins to leave. */
  public synchronized void sends(T peer, int piece, long now) {
    if (isOn() && peer.equals(carriers[piece])) {
      sent.set(piece);
      promisedAt[piece] = now;
      if (sent.cardinality() == pieces) {
        end();
      }
    }
  }

  /** What was promised is not sent, or not to the end. */
  public synchronized void takesBack(T peer, int piece) {
    if (isOn() && peer.equals(carriers[piece])) {
      carriers[piece] = null;
      sent.clear(piece);
    }
  }

  /** A peer has gone, and with it what it was sent. */
  public synchronized void left(T peer) {
    for (int piece = 0; piece < carriers.length; piece++) {
      takesBack(peer, piece);
    }
  }

  /** Whether a piece that was refused may be asked for now. */
  public synchronized boolean isFree(int piece, long now) {
    return isOver(now) || carriers[piece] == null || !isWaitedFor(piece, now);
  }

  private boolean isWaitedFor(int piece, long now) {
    return now - promisedAt[piece] < patience && now - firstPromisedAt[piece] < MOST * patience;
  }

  /** Whether nothing is refused any more. */
  public synchronized boolean isOver(long now) {
    if (!over && begun && now - lastFirst >= patience) {
      end();
    }
    return over;
  }

  private boolean isOn() {
    return begun && !over;
  }

  private void end() {
    over = true;
    carriers = new Object[0];
    promisedAt = new long[0];
    firstPromisedAt = new long[0];
    promised.clear();
    sent.clear();
  }
}
