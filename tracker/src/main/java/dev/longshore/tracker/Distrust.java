package dev.longshore.tracker;

import dev.longshore.swarm.PeerId;
import java.util.HashSet;
import java.util.Set;

/** Whom one member has shut out for what it sent, and from where others say so of it. */
final class Distrust {

  /*
   * Whom a member has shut out it is not told of again, and what that one says it holds does not
   * keep the member from the source. If members of several hosts say it, it is so for all members.
   * Who lies about others can have one of them left out: then there is more to read from the
   * source, and no wrong byte is sent.
   */

  /** So many hosts have to say it. */
  static final int HOSTS = 3;

  /** Whom one member may have shut out, so that the memory is bounded. */
  private static final int MOST = 256;

  private final Set<PeerId> shutOut = new HashSet<>();
  private final Set<String> saidBy = new HashSet<>();

  /** This member has shut out that one; false if it said so before, or of too many. */
  boolean shutOut(PeerId peer) {
    return shutOut.size() < MOST && shutOut.add(peer);
  }

  boolean hasShutOutAnybody() {
    return !shutOut.isEmpty();
  }

  boolean hasShutOut(PeerId peer) {
    return shutOut.contains(peer);
  }

  /** A member of that host has shut out this one; true if that makes it one that all leave out. */
  boolean saidBy(String host) {
    return saidBy.size() < HOSTS && saidBy.add(host) && saidBy.size() == HOSTS;
  }

  /** Whether all leave it out. */
  boolean isGeneral() {
    return saidBy.size() >= HOSTS;
  }
}
