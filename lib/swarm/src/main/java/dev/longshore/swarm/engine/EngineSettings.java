package dev.longshore.swarm.engine;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

/**
 * The constants of a download. Times are nanoseconds, sizes bytes.
 *
 * @param windowBytes how far ahead of a reader pieces are fetched in order before rarest-first
 *     rules
 * @param maxInFlightBytes most bytes asked of peers and not stored yet
 * @param minPipeline fewest requests kept open to a peer that has something to give
 * @param maxPipeline most requests kept open to one peer; no more than wait in its {@code
 *     uploadQueue}
 * @param queueTarget how much of a peer's measured rate may wait at it, besides what is on the way;
 *     half of {@code maxPipeline} at most
 * @param hedgeAfter how long the answer to a request that holds up a reader or the end may be
 *     overdue before another peer is asked too, while too few have come to know what is usual
 * @param endgameHedgeAfter the same for the last {@code endgamePieces}
 * @param requestTimeout silence after which a request is given up; as much again a MiB of piece
 * @param snub how long a peer that let a request time out is left alone
 * @param endgamePieces so few missing pieces are the endgame
 * @param sourceWindowBytes most bytes leased from the source at a time
 * @param sourceGrace how long a new download looks for peers before it asks for a lease
 * @param stall how long nothing may arrive before pieces that silent peers have are leased too; as
 *     much again a MiB of piece
 * @param giveUp how long nothing may arrive, and nothing be open, before the download fails
 * @param tick the longest time between two looks at the clock
 */
public record EngineSettings(
    long windowBytes,
    long maxInFlightBytes,
    int minPipeline,
    int maxPipeline,
    long queueTarget,
    long hedgeAfter,
    long endgameHedgeAfter,
    long requestTimeout,
    long snub,
    int endgamePieces,
    long sourceWindowBytes,
    long sourceGrace,
    long stall,
    long giveUp,
    long tick) {

  public static EngineSettings defaults() {
    return new EngineSettings(
        2 << 20,
        64 << 20,
        2,
        64,
        MILLISECONDS.toNanos(100),
        SECONDS.toNanos(2),
        MILLISECONDS.toNanos(250),
        SECONDS.toNanos(15),
        SECONDS.toNanos(20),
        8,
        4 << 20,
        MILLISECONDS.toNanos(30),
        SECONDS.toNanos(5),
        SECONDS.toNanos(30),
        MILLISECONDS.toNanos(200));
  }
}
