package dev.longshore.swarm.tracker;

import dev.longshore.oci.Digest;

/** What a tracker does with its members' messages; {@link TrackerEndpoint} calls it. */
public interface TrackerService {

  /** A member opened a session. Thread-safe. */
  Session opened(MemberLink link);

  /**
   * The tracker's side of one session; one call at a time, on a thread that may block. The next
   * message is read only when {@link #received} returned and the member keeps up with the answers.
   */
  interface Session {
    void received(MemberMessage message);

    /** A list of peers for this blob was dropped because the member is slow; it is not any more. */
    void missedPeers(Digest blob);

    /** The session is over. Nothing follows. */
    void ended(String reason);
  }

  /** The way to one member. Thread-safe; never blocks. */
  interface MemberLink {
    /** The IP address the member connected from. */
    String remoteHost();

    /**
     * Sends, or keeps for a slow member: of {@link TrackerMessage.Peers} only that one was missed.
     */
    void send(TrackerMessage message);

    /** Ends the session; the member is told why. {@link Session#ended} follows. */
    void close(String reason);
  }
}
