package dev.longshore.tracker;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.tracker.MemberMessage;

/** What can happen to a {@link TrackerState}. */
sealed interface TrackerEvent {

  /** A session was opened from this IP address. Session numbers are never used again. */
  record Opened(long session, String remoteHost) implements TrackerEvent {}

  /** A member said something. */
  record Received(long session, MemberMessage message) implements TrackerEvent {}

  /** A list of peers did not reach a slow member, which reads again now. */
  record MissedPeers(long session, Digest blob) implements TrackerEvent {}

  /** A session ended. */
  record Ended(long session) implements TrackerEvent {}

  /** Time passed; to be delivered a few times a second. */
  record Tick() implements TrackerEvent {}
}
