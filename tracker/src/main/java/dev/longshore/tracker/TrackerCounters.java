package dev.longshore.tracker;

/** What a {@link TrackerState} has done since it was started. */
final class TrackerCounters {
  long piecesLeased;
  long piecesLeasedInSpiteOfHolders;
  long leasesExpired;
  long mapsPublished;
  long findsAnswered;
  long findsEmpty;
  long seedCalls;
  long sessionsRefused;
  long membersDistrusted;
}
