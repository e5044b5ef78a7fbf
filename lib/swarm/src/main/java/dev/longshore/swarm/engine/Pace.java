package dev.longshore.swarm.engine;

/** How fast one peer sends what it is asked for, and how long the way to it and back is. */
final class Pace {
  /*
   * The rate is that of BBR (draft-cheng-iccrg-delivery-rate-estimation): what came between a
   * request and its piece, over that time. As long as too few requests are open to fill the way it is
   * what they allow; once they fill it, it is what the peer sends. Pieces that are read at once do
   * not make it look faster than it is.
   *
   * On the way to a peer and back (the round trip, and the sending of a piece) are rate × time
   * bytes, the bandwidth-delay product. Twice as much is asked for, as BBR does, so that requests
   * that are all that limits the rate double with each round trip; and what the peer sends in the
   * queue target, so that it has something to send while this side is late with the next request.
   */

  /** Weight of the newest sample in the rate. */
  private static final double NEWEST = 0.3;

  /** How many bandwidth-delay products are asked for. */
  private static final int GAIN = 2;

  private static final long UNKNOWN = Long.MAX_VALUE;

  private final int pieceSize;
  private final EngineSettings settings;
  private double bytesPerNano;
  private long delivered;
  private long lastArrival = Long.MIN_VALUE;

  /** The shortest time from a request to its piece. */
  private long quickest = UNKNOWN;

  /** Of a peer that has sent nothing yet. */
  Pace(int pieceSize, EngineSettings settings) {
    this.pieceSize = pieceSize;
    this.settings = settings;
  }

  /** Bytes that have come so far: to be noted with a request. */
  long delivered() {
    return delivered;
  }

  /**
   * A piece came that was asked for.
   *
   * @param sent when
   * @param before what had been delivered then
   */
  void arrived(int bytes, long sent, long before, long now) {
    delivered += bytes;
    long waited = Math.max(1, now - sent);
    quickest = Math.min(quickest, waited);
    double sample = (double) (delivered - before) / waited;
    bytesPerNano = bytesPerNano == 0 ? sample : bytesPerNano + NEWEST * (sample - bytesPerNano);
    lastArrival = now;
  }

  boolean hasSentSince(long time) {
    return lastArrival >= time;
  }

  /** The shortest time from a request to its piece so far. */
  long roundTrip(long unknown) {
    return quickest == UNKNOWN ? unknown : quickest;
  }

  /** How long a request that was sent at this time has been owed while nothing else came. */
  long silence(long sent, long now) {
    return now - Math.max(sent, lastArrival);
  }

  /**
   * Since when the answer to a request might be here: the way takes its time, and what was asked
   * for before it comes first.
   */
  long mightBeHere(long sent) {
    return quickest == UNKNOWN ? sent : Math.max(sent + quickest, lastArrival);
  }

  /** Nanoseconds that a piece takes; 0 while nothing is known. */
  double perPiece() {
    return bytesPerNano == 0 ? 0 : pieceSize / bytesPerNano;
  }

  /** How many requests are worth keeping open; while nothing is known, the minimum. */
  int depth() {
    double perPiece = perPiece();
    if (perPiece == 0) {
      return settings.minPipeline();
    }
    // Of the shortest time one piece was the sending, which is no reason to ask for more.
    double onTheWay = GAIN * Math.max(0, quickest - perPiece) / perPiece;
    double waiting = Math.min(settings.queueTarget() / perPiece, settings.maxPipeline() / 2.0);
    double most = Math.ceil(1 + onTheWay + waiting);
    return (int) Math.clamp(most, settings.minPipeline(), settings.maxPipeline());
  }
}
