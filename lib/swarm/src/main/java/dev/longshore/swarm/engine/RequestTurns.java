package dev.longshore.swarm.engine;

import dev.longshore.swarm.PeerId;

/**
 * What one download asks before it sends a request, so that the downloads of a node share its link,
 * its peers and its sources. Whoever is refused gets {@link Event.Turn} when asking again is worth
 * it.
 */
public interface RequestTurns {

  /** May a request be sent? */
  enum Answer {
    YES,
    /** Not to this peer now: a more urgent download keeps it busy. */
    NOT_THERE,
    /** To nobody now: the node's link is taken. */
    NOT_NOW
  }

  /** For a download that shares nothing. */
  RequestTurns ALWAYS =
      new RequestTurns() {
        @Override
        public Answer ask(PeerId peer, long bytes, long now) {
          return Answer.YES;
        }

        @Override
        public boolean askSource(long bytes, long now) {
          return true;
        }

        @Override
        public void over(PeerId peer, long bytes, boolean arrived, long now) {}

        @Override
        public void sourceOver(long bytes, boolean arrived, long now) {}

        @Override
        public void askedAll(long now) {}
      };

  /** Asks to request so many bytes of a peer; after a yes, {@link #over} follows. */
  Answer ask(PeerId peer, long bytes, long now);

  /** Asks to read up to so many bytes at the source; after a yes, {@link #sourceOver} follows. */
  boolean askSource(long bytes, long now);

  /** A request ended. */
  void over(PeerId peer, long bytes, boolean arrived, long now);

  /** So much of what may be read at the source has been, or will not be. */
  void sourceOver(long bytes, boolean arrived, long now);

  /** The download has asked for all that it can use now. */
  void askedAll(long now);
}
