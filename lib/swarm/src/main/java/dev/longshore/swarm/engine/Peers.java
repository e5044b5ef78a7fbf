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
    complete += peer.full ? 1 : 0;
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
    complete -= peer.full ? 1 : 0;
    listOf(peer.standing).remove(peer);
    peer.standing = PeerState.Standing.ENGAGED;
  }

  /** All of them, in no order that means anything. */
  List<PeerState> all() {
    return all;
  }

  /** Peers that have everything. */
  int complete() {
    return complete;
  }

  /** A peer that said it had everything does not. */
  void isIncomplete(PeerState peer) {
    peer.full = false;
    complete--;
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

  /** It has nothing that is wanted. */
  void idle(PeerState peer) {
    stand(peer, PeerState.Standing.IDLE);
  }

  /** It owes all that may be asked of it, or is to be left alone. */
  void engaged(PeerState peer) {
    stand(peer, PeerState.Standing.ENGAGED);
  }

  private void stand(PeerState peer, PeerState.Standing standing) {
    if (peer.standing != standing) {
      listOf(peer.standing).remove(peer);
      peer.standing = standing;
      listOf(standing).add(peer);
    }
  }

  /** Where peers of a standing are; nobody looks for the engaged ones. */
  private List<PeerState> listOf(PeerState.Standing standing) {
    return switch (standing) {
      case OPEN -> open;
      case IDLE -> idle;
      case ENGAGED -> new ArrayList<>();
    };
  }
}
