package dev.longshore.swarm.engine;

import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;

/** What a download knows of one connected peer. */
final class PeerState {

  /** Whether it might be asked for another piece, and if not, why. */
  enum Standing {
    OPEN,
    IDLE,
    ENGAGED
  }

  /** By how much its room is thought to grow while it sends as many pieces as fit into it. */
  private static final double GROWTH = 1.0 / 16;

  final PeerId id;
  final PeerRole role;

  /** It is in another zone. */
  final boolean far;

  final PieceSet has;

  /** It has every piece, so it is left out of the availability counts. */
  boolean full;

  /** It has sent a piece that was what it should be. */
  boolean proven;

  /** What it says it has is counted. */
  boolean counted;

  final OpenRequests requests = new OpenRequests();

  /** No requests before this time: it said BUSY, or let one time out. */
  long quietUntil = Long.MIN_VALUE;

  /**
   * Requests that it has room for, as far as is known: what it owed when it said BUSY, and by and
   * by more with every piece that it sends (the congestion window of TCP, RFC 5681).
   */
  private double room = Double.MAX_VALUE;

  /** Where it stands among all peers; kept by {@link Peers}. */
  int place;

  /** Kept by {@link Peers}. */
  Standing standing = Standing.ENGAGED;

  private final Pace pace;

  /** What the pace comes to; here because each piece of news asks for it. */
  private int depth;

  private double perPiece;

  /** Another peer was faster with what this one owes, which has sent nothing since. */
  private boolean overtaken;

  PeerState(PeerId id, PeerRole role, boolean far, PieceSet has, Pace pace) {
    this.id = id;
    this.role = role;
    this.far = far;
    this.has = has;
    this.pace = pace;
    this.depth = pace.depth();
  }

  /** A piece is asked for. */
  void requested(int piece, long now) {
    requests.add(piece, now, pace.delivered());
  }

  /** A piece that it owes came in full. */
  void arrived(int piece, int bytes, long now) {
    int place = requests.place(piece);
    pace.arrived(bytes, requests.sent(place), requests.before(place), now);
    depth = pace.depth();
    perPiece = pace.perPiece();
    requests.remove(piece);
    if (overtaken) {
      overtaken = false;
      quietUntil = Long.MIN_VALUE;
    }
    room += GROWTH / Math.max(1, room);
  }

  /** It has no room for the request that it was sent last. */
  void refused() {
    room = Math.max(1, requests.size());
  }

  /** It has room for one more. */
  void called() {
    room = Math.max(room, requests.size() + 1);
    quietUntil = Long.MIN_VALUE;
  }

  /** It sends nothing: until it does it gets one request, and that not before a time. */
  void overtaken(long until) {
    overtaken = true;
    quietUntil = Math.max(quietUntil, until);
  }

  boolean hasSentSince(long time) {
    return pace.hasSentSince(time);
  }

  long roundTrip(long unknown) {
    return pace.roundTrip(unknown);
  }

  /** Since when what it owes at a place might be here. */
  long mightBeHere(int place) {
    return pace.mightBeHere(requests.sent(place));
  }

  /** How long the peer has owed a request sent at this time without sending anything else. */
  long silence(long sent, long now) {
    return pace.silence(sent, now);
  }

  /**
   * Nanoseconds until a further piece would be here; 0 while nothing is known, and without end if
   * it sends nothing.
   */
  double expected() {
    return overtaken ? Double.MAX_VALUE : (requests.size() + 1) * perPiece;
  }

  /**
   * Whether another request may be sent.
   *
   * @param spare how many more have to find room after it
   */
  boolean ready(int spare, long now) {
    return now >= quietUntil && requests.size() + spare < most();
  }

  private int most() {
    return overtaken ? 1 : Math.min((int) room, depth);
  }
}
