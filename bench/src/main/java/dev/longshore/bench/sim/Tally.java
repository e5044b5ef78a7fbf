package dev.longshore.bench.sim;

/** What was counted while a simulation ran. */
final class Tally {
  long sourceBytes;
  long peerBytes;
  long crossZoneBytes;
  long piecesStored;

  /** Pieces that arrived whole and were not needed any more. */
  long duplicates;

  long corruptPieces;
  long bans;
  long busy;
  long failures;
  long trackerRefusals;
}
