package dev.longshore.bench.sim;

/** What was counted while a simulation ran. */
final class Tally {
  long sourceBytes;
  long peerBytes;
  long crossZoneBytes;
  long piecesStored;

  /** Pieces that arrived whole and were not needed any more. */
  long duplicates;

  /** Requests for what another peer owes too. */
  long hedges;

  long corruptPieces;
  long bans;
  long busy;

  /** Requests that were refused because the piece was on its way to another. */
  long refusedAgain;

  /** Pieces that one who had all sent again before it had sent each once. */
  long repeats;

  long failures;
  long trackerRefusals;
}
