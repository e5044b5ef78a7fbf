package dev.longshore.swarm.engine;

import dev.longshore.swarm.PeerId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The connected peers, and those among them that might be asked for another piece. */
final class Peers {
  /*
   * Most peers, most of the time, cannot be asked for anything: they owe all that may be asked of
   * them (engaged), or have nothing that is still wanted (idle). Whoever finds that out says so, and
   * the peer is not looked at again until something changes it: it delivered or refused a piece, it
   * has a new one, or a piece is wanted again. So an event costs what it changes, and not a look at
   * everybody.
   */
  private final Map<PeerId, PeerState> byId = new HashMap<>();
  private final List<PeerState> all = new ArrayList<>();
  private final List<PeerState> open = new ArrayList<>();
  private final List<PeerState> idle = new ArrayList<>();
  private int complete;
  private int completeNear;
  private int near;

  /** When the first of those that are left alone may be asked again. */
  private long nextQuietEnd = Long.MAX_VALUE;

  /** The last one that was asked for: news comes in runs. */
  private @Nullable PeerState last;

  @Nullable PeerState get(PeerId id) {
    PeerState recent = last;
    if (recent == null || !recent.id.equals(id)) {
      recent = byId.get(id);
      last = recent;
    }
    return recent;
  }

  void add(PeerState peer) {
    byId.put(peer.id, peer);
    peer.place = all.size();
    all.add(peer);
    near += peer.far ? 0 : 1;
    open(peer);
  }

  void remove(PeerState peer) {
    byId.remove(peer.id);
    last = null;
    PeerState moved = all.removeLast();
    if (moved != peer) {
      all.set(peer.place, moved);
      moved.place = peer.place;
    }
    near -= peer.far ? 0 : 1;
    leave(peer);
    peer.standing = PeerState.Standing.ENGAGED;
  }

  /** All of them, in no order that means anything. */
  List<PeerState> all() {
    return all;
  }

  /** Peers in this zone. */
  int near() {
    return near;
  }

  /** Counted peers that have everything. */
  int complete() {
    return complete;
  }

  /** Counted peers in this zone that have everything. */
  int completeNear() {
    return completeNear;
  }

  /** One more peer, or with -1 one less, that has everything is counted. */
  void countComplete(PeerState peer, int more) {
    complete += more;
    completeNear += peer.far ? 0 : more;
  }

  /** Those that might be asked for something, who opened first first. */
  List<PeerState> open() {
    return open;
  }

  void open(PeerState peer) {
    stand(peer, PeerState.Standing.OPEN);
  }

  /** Opens those who have a piece that is wanted again. */
  void openHolders(int piece) {
    for (int place = idle.size() - 1; place >= 0; place--) {
      PeerState peer = idle.get(place);
      if (peer.has.get(piece)) {
        open(peer);
      }
    }
  }

  /** Opens those in other zones: nobody in this one has some piece any more. */
  void openFar() {
    for (int place = idle.size() - 1; place >= 0; place--) {
      PeerState peer = idle.get(place);
      if (peer.far) {
        open(peer);
      }
    }
  }

  /** It has nothing that is wanted. */
  void idle(PeerState peer) {
    stand(peer, PeerState.Standing.IDLE);
  }

  /** It owes all that may be asked of it, or is to be left alone. */
  void engaged(PeerState peer) {
    stand(peer, PeerState.Standing.ENGAGED);
  }

  /** Leaves a peer alone until a time. */
  void quiet(PeerState peer, long until) {
    peer.quietUntil = Math.max(peer.quietUntil, until);
    nextQuietEnd = Math.min(nextQuietEnd, peer.quietUntil);
  }

  /** When {@link #endQuiet} has something to do; {@link Long#MAX_VALUE}: not for the time. */
  long nextQuietEnd() {
    return nextQuietEnd;
  }

  /** Opens those that have been left alone for long enough. */
  void endQuiet(long now) {
    if (now < nextQuietEnd) {
      return;
    }
    nextQuietEnd = Long.MAX_VALUE;
    for (PeerState peer : all) {
      if (peer.quietUntil > now) {
        nextQuietEnd = Math.min(nextQuietEnd, peer.quietUntil);
      } else if (peer.quietUntil != Long.MIN_VALUE) {
        peer.quietUntil = Long.MIN_VALUE;
        open(peer);
      }
    }
  }

  private void stand(PeerState peer, PeerState.Standing standing) {
    if (peer.standing != standing) {
      leave(peer);
      peer.standing = standing;
      switch (standing) {
        case OPEN -> open.add(peer);
        case IDLE -> idle.add(peer);
        case ENGAGED -> {} // nobody looks for these
      }
    }
  }

  private void leave(PeerState peer) {
    switch (peer.standing) {
      case OPEN -> open.remove(peer);
      case IDLE -> idle.remove(peer);
      case ENGAGED -> {}
    }
  }
}
