package dev.longshore.swarm.engine;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import dev.longshore.piece.PieceLayout;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;

/** One {@link BlobDownload} and the peers that it asks, in virtual time. */
final class PlayedDownload {
  static final int PIECE = PieceLayout.MIN_PIECE_SIZE;
  private static final long VERIFYING = MILLISECONDS.toNanos(1);
  private static final long LIMIT = SECONDS.toNanos(300);

  /** A peer that has everything, at the end of a link that it does not share. */
  final class Peer {
    final PeerId id;
    private final long sending;
    private final long oneWay;
    private final UploadRoom<String, PeerId> room;
    private final Deque<Integer> queue = new ArrayDeque<>();
    private long silentFrom = Long.MAX_VALUE;
    private long silentUntil = Long.MAX_VALUE;
    private boolean busy;
    private boolean refusing;

    /** Requests that were sent and neither answered nor taken back. */
    final Set<Integer> owed = new HashSet<>();

    int mostOwed;
    int mostWaiting;

    /** Pieces that came twice because the peer fell silent on the way. */
    int twiceAfterSilence;

    private Peer(int number, long bytesPerSecond, long roundTrip) {
      id = new PeerId(0, number);
      sending = SECONDS.toNanos(1) * PIECE / bytesPerSecond;
      oneWay = roundTrip / 2;
      room = new UploadRoom<>(bytesPerSecond / 10);
    }

    /** Between these times nothing of what it sends gets through, and nothing is lost. */
    Peer silent(long from, long until) {
      silentFrom = from;
      silentUntil = until;
      return this;
    }

    private void requested(int piece) {
      if (!room.enter("blob", PIECE)) {
        if (!refusing) {
          refusing = true;
          room.refuse("blob", id, 0);
        }
        arriving(() -> {
          if (owed.remove(piece)) {
            busyAnswers++;
            handle(new Event.PeerBusy(id, piece, MILLISECONDS.toNanos(500)));
          }
        });
        return;
      }
      queue.add(piece);
      mostWaiting = Math.max(mostWaiting, queue.size());
      send();
    }

    private void cancelled(int piece) {
      if (queue.remove(piece)) {
        leave();
      }
    }

    private void leave() {
      if (!room.leave("blob", PIECE).isEmpty()) {
        refusing = false;
        arriving(() -> handle(new Event.PeerReady(id)));
      }
    }

    private void send() {
      if (!busy && !queue.isEmpty()) {
        int piece = queue.remove();
        busy = true;
        leave();
        at(
            now + sending,
            () -> {
              busy = false;
              boolean heldUp = isSilent(now + oneWay);
              arriving(() -> arrived(this, piece, heldUp));
              send();
            });
      }
    }

    /** What leaves the peer now arrives when the way has taken its time, or the silence ends. */
    private void arriving(Runnable what) {
      long here = now + oneWay;
      at(isSilent(here) ? silentUntil : here, what);
    }

    private boolean isSilent(long time) {
      return time >= silentFrom && time < silentUntil;
    }
  }

  private record Scheduled(long at, long order, Runnable run) implements Comparable<Scheduled> {
    @Override
    public int compareTo(Scheduled other) {
      int byTime = Long.compare(at, other.at);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  private final BlobDownload machine;
  private final int pieces;
  private final BitSet stored = new BitSet();
  final List<Peer> peers = new ArrayList<>();
  private final PriorityQueue<Scheduled> queue = new PriorityQueue<>();
  private final boolean reads;
  private long order;
  private long wake;
  private long now;
  private int reader;
  private boolean complete;

  /** All actions, in order. */
  final List<String> log = new ArrayList<>();

  /** When each piece was stored. */
  final long[] storedAt;

  int arrivals;

  /** Pieces that came twice, without those that a silence held up. */
  int twice;

  int hedges;
  int busyAnswers;

  /** The most that came twice beyond what the budget allowed at that time. */
  double mostOverBudget = Double.NEGATIVE_INFINITY;

  /**
   * A download that has not begun.
   *
   * @param reads whether somebody reads it in order
   */
  PlayedDownload(int pieces, boolean reads, long seed) {
    this.pieces = pieces;
    this.reads = reads;
    this.storedAt = new long[pieces];
    this.machine =
        new BlobDownload(
            new PieceLayout((long) pieces * PIECE, PIECE),
            new BitSet(),
            EngineSettings.defaults(),
            new Random(seed));
  }

  Peer peer(long bytesPerSecond, long roundTrip) {
    Peer peer = new Peer(peers.size(), bytesPerSecond, roundTrip);
    peers.add(peer);
    BitSet all = new BitSet();
    all.set(0, pieces);
    at(0, () -> handle(new Event.PeerJoined(peer.id, PeerRole.AGENT, false, all)));
    return peer;
  }

  /** Plays until everything is stored; returns how long that took. */
  long play() {
    if (reads) {
      handle(new Event.ReaderAt(1, 0));
    }
    while (!complete) {
      Scheduled next = queue.remove();
      if (next.at > LIMIT) {
        throw new AssertionError(stored.cardinality() + " of " + pieces + " pieces came");
      }
      now = next.at;
      next.run.run();
    }
    return now;
  }

  private void at(long time, Runnable run) {
    queue.add(new Scheduled(time, order++, run));
  }

  private void handle(Event event) {
    for (Action action : machine.handle(event, now)) {
      log.add(now + " " + action);
      perform(action);
    }
  }

  private void perform(Action action) {
    switch (action) {
      case Action.Request request -> {
        Peer peer = find(request.peer());
        hedges += request.hedge() ? 1 : 0;
        peer.owed.add(request.piece());
        peer.mostOwed = Math.max(peer.mostOwed, peer.owed.size());
        at(now + peer.oneWay, () -> peer.requested(request.piece()));
      }
      case Action.Cancel cancel -> {
        Peer peer = find(cancel.peer());
        peer.owed.remove(cancel.piece());
        at(now + peer.oneWay, () -> peer.cancelled(cancel.piece()));
      }
      case Action.WakeAt at -> {
        wake = at.time();
        at(
            wake,
            () -> {
              if (wake == at.time()) {
                handle(new Event.Tick());
              }
            });
      }
      case Action.AskLease _ ->
          handle(new Event.LeaseAnswered(new BitSet(), 0, SECONDS.toNanos(1)));
      case Action.Complete _ -> complete = true;
      case Action.Fail fail -> throw new AssertionError(fail.reason());
      case Action.Ban ban -> throw new AssertionError(ban.reason());
      case Action.AnnounceHave _, Action.ReadSource _, Action.ReleaseLease _ -> {}
    }
  }

  private Peer find(PeerId id) {
    return peers.get(Math.toIntExact(id.low()));
  }

  private void arrived(Peer peer, int piece, boolean heldUp) {
    peer.owed.remove(piece);
    arrivals++;
    if (stored.get(piece)) {
      cameTwice(peer, heldUp);
      handle(new Event.PieceCameTwice(peer.id, piece));
      return;
    }
    handle(new Event.PieceArrived(peer.id, piece));
    at(now + VERIFYING, () -> stored(peer, piece, heldUp));
  }

  private void stored(Peer peer, int piece, boolean heldUp) {
    if (stored.get(piece)) {
      cameTwice(peer, heldUp);
    } else {
      stored.set(piece);
      storedAt[piece] = now;
    }
    handle(new Event.PieceStored(peer.id, piece));
    int next = stored.nextClearBit(reader);
    if (reads && next != reader && next < pieces) {
      reader = next;
      handle(new Event.ReaderAt(1, next));
    }
  }

  private void cameTwice(Peer peer, boolean heldUp) {
    if (heldUp) {
      peer.twiceAfterSilence++;
    } else {
      twice++;
      mostOverBudget = Math.max(mostOverBudget, twice - (2 + stored.cardinality() / 20.0));
    }
  }
}
