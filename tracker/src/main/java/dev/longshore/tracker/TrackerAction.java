package dev.longshore.tracker;

import dev.longshore.swarm.tracker.TrackerMessage;

/** What {@link TrackerState} wants done. */
sealed interface TrackerAction {

  /** Send to the member of this session. */
  record Send(long session, TrackerMessage message) implements TrackerAction {}

  /** End this session; the state has forgotten its member already. */
  record Close(long session, String reason) implements TrackerAction {}
}
