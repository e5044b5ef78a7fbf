package dev.longshore.swarm.node;

import dev.longshore.swarm.PeerId;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Every connection of a node, one for each peer, within limits. Thread-safe. */
final class ConnectionTable {

  /** What becomes of a connection that has said HELLO. */
  enum Admission {
    ADMITTED,
    DUPLICATE,
    FULL
  }

  private final PeerId self;
  private final SwarmLimits limits;
  private final Map<PeerId, PeerConnection> byPeer = new HashMap<>();
  private final LinkedHashSet<PeerConnection> unnamed = new LinkedHashSet<>();
  private boolean closed;

  ConnectionTable(PeerId self, SwarmLimits limits) {
    this.self = self;
    this.limits = limits;
  }

  /**
   * A connection was accepted and has not said who it is.
   *
   * @return one that has to go instead of it: the one that has been silent longest
   */
  synchronized @Nullable PeerConnection accepted(PeerConnection connection) {
    if (closed) {
      return connection;
    }
    unnamed.add(connection);
    return unnamed.size() > limits.maxHandshakes() ? unnamed.removeFirst() : null;
  }

  /** Decides on a connection that has said HELLO; one that it replaces is told goodbye. */
  Admission admit(PeerConnection connection) {
    PeerConnection replaced;
    synchronized (this) {
      unnamed.remove(connection);
      if (closed) {
        return Admission.FULL;
      }
      PeerId peer = connection.peerId();
      replaced = byPeer.get(peer);
      if (replaced == null) {
        if (byPeer.size() >= limits.maxConnections()
            || (!connection.isDialed() && accepted() >= mostAccepted())) {
          return Admission.FULL;
        }
      } else if (stays(replaced) && !stays(connection)) {
        return Admission.DUPLICATE;
      }
      byPeer.put(peer, connection);
    }
    if (replaced != null) {
      replaced.replaced();
    }
    return Admission.ADMITTED;
  }

  private long accepted() {
    return byPeer.values().stream().filter(each -> !each.isDialed()).count();
  }

  /** Some connections are only for those that this side dials: strangers cannot cut it off. */
  private int mostAccepted() {
    return limits.maxConnections() - limits.maxConnections() / 8;
  }

  /**
   * When two peers have dialed each other, both keep the connection that the smaller id dialed;
   * between two of the same direction the newer one wins, since its peer may have lost the older.
   */
  private boolean stays(PeerConnection connection) {
    boolean selfIsSmaller = self.compareTo(connection.peerId()) < 0;
    return connection.isDialed() == selfIsSmaller;
  }

  synchronized void remove(PeerConnection connection) {
    unnamed.remove(connection);
    PeerId peer = connection.peerIdOrNull();
    if (peer != null) {
      byPeer.remove(peer, connection);
    }
  }

  synchronized @Nullable PeerConnection get(PeerId peer) {
    return byPeer.get(peer);
  }

  synchronized List<PeerConnection> all() {
    return List.copyOf(byPeer.values());
  }

  synchronized int size() {
    return byPeer.size();
  }

  synchronized boolean hasRoom() {
    return !closed && byPeer.size() < limits.maxConnections();
  }

  /** Takes no more; returns all there are. */
  synchronized List<PeerConnection> close() {
    closed = true;
    LinkedHashSet<PeerConnection> all = new LinkedHashSet<>(byPeer.values());
    all.addAll(unnamed);
    return List.copyOf(all);
  }
}
