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

  /** Weight of the newest sample in the rate estimate. */
  private static final double NEWEST = 0.3;

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

  private long lastArrival = Long.MIN_VALUE;
  private double bytesPerNano;

  PeerState(PeerId id, PeerRole role, boolean far, PieceSet has) {
    this.id = id;
    this.role = role;
    this.far = far;
    this.has = has;
  }

  /** A piece came in full; feeds the rate estimate. */
  void arrived(int piece, int bytes, long now) {
    int place = requests.place(piece);
    if (place >= 0) {
      long since = Math.max(1, now - Math.max(requests.sent(place), lastArrival));
      requests.remove(piece);
      double sample = (double) bytes / since;
      bytesPerNano = bytesPerNano == 0 ? sample : bytesPerNano + NEWEST * (sample - bytesPerNano);
    }
    room += GROWTH / Math.max(1, room);
    lastArrival = now;
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

  /** How long the peer has owed a request sent at this time without sending anything else. */
  long silence(long sent, long now) {
    return now - Math.max(sent, lastArrival);
  }

  /** Nanoseconds until a further piece of this size would be here; 0 while nothing is known. */
  double expected(int pieceSize) {
    return bytesPerNano == 0 ? 0 : (requests.size() + 1) * (pieceSize / bytesPerNano);
  }

  /**
   * Whether another request may be sent.
   *
   * @param spare how many more have to find room after it
   */
  boolean ready(int spare, int pieceSize, EngineSettings settings, long now) {
    return now >= quietUntil
        && requests.size() + spare < Math.min((int) room, pipeline(pieceSize, settings));
  }

  /**
   * Requests worth keeping open: what the peer sends within the queue target, and one more. Before
   * the first piece has come there is nothing to go by but the minimum.
   */
  private int pipeline(int pieceSize, EngineSettings settings) {
    double depth = 1 + bytesPerNano * settings.queueTarget() / pieceSize;
    return (int) Math.clamp(Math.ceil(depth), settings.minPipeline(), settings.maxPipeline());
  }
}
