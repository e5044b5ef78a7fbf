package dev.longshore.swarm.engine;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.longshore.swarm.PeerId;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How long a request may take before another peer is asked too, and how often that may be done. */
final class Hedging {
  /*
   * Dean and Barroso, The Tail at Scale (CACM 2013): what has waited for longer than nine of ten is
   * asked of somebody else too, whichever comes first is taken, and the other request is cancelled
   * once that one is verified.
   *
   * A wait begins when the answer might be here: not before the way has taken its time, nor while
   * the peer sends what it was asked for before (Pace.mightBeHere). So neither a long way nor a
   * capped link nor many open requests look slow; only one does that sends us nothing. The times are
   * those of all peers of the blob: what counts is how much sooner somebody else would be, and a
   * peer that has always been slow should be overtaken too.
   *
   * What it costs is bounded. A second request is charged while both are owed, and after it won for
   * as long as the first answer may be on the way all the same. What came in vain is charged for
   * good, be it that the first was answered after all or that both came. All that is charged is at
   * most a twentieth of what has arrived, and two pieces.
   */
  private static final int BUDGET = 20;
  private static final int ALWAYS = 2;

  /** A shorter wait is not worth a second request. */
  static final long SHORTEST = MILLISECONDS.toNanos(50);

  /** Who is overtaken while it sends nothing is asked for one piece in this time. */
  private static final long PROBE = MILLISECONDS.toNanos(500);

  /** A piece that two owe. */
  private record Pair(PeerState first, PeerId second, long since) {}

  private final EngineSettings settings;
  private final ResponseTimes times = new ResponseTimes();
  private final Map<Integer, Pair> pairs = new HashMap<>();

  /** Until when first answers to requests that were overtaken may still come. */
  private final Deque<Long> overtaken = new ArrayDeque<>();

  /** Pieces that were charged for good. */
  private final BitSet charged = new BitSet();

  private long inVain;
  private long patience;
  private boolean stale = true;

  Hedging(EngineSettings settings) {
    this.settings = settings;
  }

  /**
   * How long an answer may be overdue.
   *
   * @param missing pieces of the download
   */
  long patience(int missing) {
    if (stale) {
      patience = times.p90(-1);
      stale = false;
    }
    if (patience < 0) {
      boolean endgame = missing <= settings.endgamePieces();
      return endgame ? settings.endgameHedgeAfter() : settings.hedgeAfter();
    }
    return Math.max(SHORTEST, patience);
  }

  /**
   * Whether the budget allows another second request.
   *
   * @param came pieces that have arrived so far
   */
  boolean mayHedge(int came, long now) {
    while (!overtaken.isEmpty() && overtaken.getFirst() <= now) {
      overtaken.removeFirst();
    }
    return pairs.size() + overtaken.size() + inVain < ALWAYS + came / BUDGET;
  }

  void hedged(int piece, PeerState first, PeerState second, long now) {
    pairs.put(piece, new Pair(first, second.id, now));
  }

  /** A peer sends what it owes; to be told before the peer takes note of it. */
  void answered(PeerState peer, int piece, long now) {
    times.add(now - peer.mightBeHere(peer.requests.place(piece)));
    stale = true;
  }

  /**
   * A piece came for the first time that another peer owes still.
   *
   * @param from null for the source
   * @return a peer that was overtaken and has sent nothing since another was asked, or null
   */
  @Nullable PeerState arrived(int piece, @Nullable PeerId from, long now) {
    Pair pair = pairs.remove(piece);
    if (pair == null) {
      return null;
    }
    if (!pair.second.equals(from)) {
      charge(piece);
      return null;
    }
    overtaken.addLast(now + pair.first.roundTrip(patience(0)));
    if (pair.first.hasSentSince(pair.since)) {
      return null;
    }
    pair.first.overtaken(now + PROBE);
    return pair.first;
  }

  /** A piece came that is here already. */
  void cameTwice(int piece) {
    charge(piece);
  }

  private void charge(int piece) {
    if (!charged.get(piece)) {
      charged.set(piece);
      inVain++;
    }
  }

  /** Of two who owe a piece one does not any more, and has not sent it. */
  void takenBack(int piece) {
    pairs.remove(piece);
  }
}
