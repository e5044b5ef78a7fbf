package dev.longshore.bench.sim;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import dev.longshore.swarm.engine.UploadRoom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A node: its links, its connections and its downloads. */
final class SimNode {
  /** SwarmLimits.maxConnections and maxDials. */
  private static final int CONNECTIONS = 512;

  private static final int DIALS = 32;

  /** The TCP handshake, HELLO one way and BITFIELD both ways. */
  private static final int LATENCIES_TO_JOIN = 5;

  private final Simulation simulation;
  private final int index;
  private final PeerId id;
  private final PeerRole role;
  private final int zone;
  private final Uplink uplink;
  private final UploadRoom<SimBlob, Flow.Refusal> room;
  private final Downlink downlink;
  private final @Nullable SimDownload[] downloads;
  private final Map<PeerId, Peering> peerings = new HashMap<>();
  private final Set<PeerId> dialing = new HashSet<>();
  private final Set<PeerId> banned = new HashSet<>();
  private boolean poisons;
  private boolean gone;
  private long startedAt;
  private long completeAt = -1;

  SimNode(Simulation simulation, PeerId id, PeerRole role, int zone, long rate) {
    this.simulation = simulation;
    this.index = Math.toIntExact(id.low());
    this.id = id;
    this.role = role;
    this.zone = zone;
    this.uplink = new Uplink(simulation.events(), rate);
    this.room = new UploadRoom<>(rate / 10);
    this.downlink = new Downlink(rate);
    this.downloads = new SimDownload[simulation.blobs().size()];
  }

  /** Begins to pull, or only to serve if it has everything or says so. */
  void start(boolean hasAll, boolean isPoisoner) {
    poisons = isPoisoner;
    startedAt = simulation.events().now();
    simulation.tracker().joined(this);
    for (SimBlob blob : simulation.blobs()) {
      SimDownload download = new SimDownload(simulation, this, blob, hasAll || isPoisoner);
      downloads[blob.index()] = download;
      download.start();
    }
  }

  /** Goes away without a word to its peers, who see their connections end. */
  void leave() {
    gone = true;
    simulation.tracker().left(this);
    List.copyOf(peerings.values()).forEach(this::disconnect);
  }

  int index() {
    return index;
  }

  PeerId id() {
    return id;
  }

  PeerAddress address() {
    return new PeerAddress(id, "host" + index, 7301, role);
  }

  PeerRole role() {
    return role;
  }

  int zone() {
    return zone;
  }

  String zoneLabel() {
    return "region/zone" + zone + "/rack";
  }

  Uplink uplink() {
    return uplink;
  }

  UploadRoom<SimBlob, Flow.Refusal> room() {
    return room;
  }

  Downlink downlink() {
    return downlink;
  }

  boolean poisons() {
    return poisons;
  }

  boolean isGone() {
    return gone;
  }

  @Nullable SimDownload download(SimBlob blob) {
    return downloads[blob.index()];
  }

  @Nullable Peering peering(PeerId peer) {
    return peerings.get(peer);
  }

  /** Whether it is, or was, shut out by this node. */
  boolean hasBanned(SimNode peer) {
    return banned.contains(peer.id);
  }

  /** How long the image took; negative while it is not complete. */
  long duration() {
    return completeAt < 0 ? -1 : completeAt - startedAt;
  }

  /** Pieces that were stored until then. */
  int storedUntil(long time) {
    int stored = 0;
    for (SimDownload download : downloads) {
      stored += download == null ? 0 : download.storedUntil(time);
    }
    return stored;
  }

  void downloadCompleted() {
    for (SimDownload download : downloads) {
      if (download == null || !download.isComplete()) {
        return;
      }
    }
    completeAt = simulation.events().now();
    simulation.completed();
  }

  /** The tracker tells of members of a blob. */
  void told(Digest blob, List<PeerId> peers) {
    for (SimDownload download : downloads) {
      if (download != null && download.blob().digest().equals(blob)) {
        download.told(peers);
      }
    }
  }

  /** Dials a peer unless there is a reason not to; true if it is being dialed. */
  boolean dial(PeerId peer) {
    if (dialing.contains(peer)) {
      return true;
    }
    if (banned.contains(peer) || peerings.size() >= CONNECTIONS || dialing.size() >= DIALS) {
      return false;
    }
    dialing.add(peer);
    SimNode other = simulation.node((int) peer.low());
    simulation
        .events()
        .after(
            LATENCIES_TO_JOIN * simulation.latency(this, other),
            () -> {
              dialing.remove(peer);
              connected(other);
            });
    return true;
  }

  private void connected(SimNode other) {
    if (gone || other.gone || banned.contains(other.id) || other.banned.contains(id)) {
      return;
    }
    Peering peering = peerings.get(other.id);
    if (peering == null) {
      if (peerings.size() >= CONNECTIONS || other.peerings.size() >= CONNECTIONS) {
        return;
      }
      peering = new Peering(simulation, this, other);
      peerings.put(other.id, peering);
      other.peerings.put(id, peering);
    }
    for (SimDownload download : downloads) {
      if (download != null && download.seeks(other)) {
        download.join(peering);
      }
    }
  }

  /** Shuts a peer out. */
  void ban(PeerId peer) {
    banned.add(peer);
    simulation.tally().bans++;
    Peering peering = peerings.get(peer);
    if (peering != null) {
      disconnect(peering);
    }
  }

  private void disconnect(Peering peering) {
    SimNode other = peering.peerOf(this);
    peering.close();
    peerings.remove(other.id);
    other.peerings.remove(id);
    List<SimDownload> here = new ArrayList<>();
    for (SimBlob blob : simulation.blobs()) {
      SimDownload mine = downloads[blob.index()];
      SimDownload theirs = other.downloads[blob.index()];
      if (mine != null && theirs != null) {
        here.add(mine);
        simulation.events().after(simulation.latency(this, other), () -> theirs.left(this));
      }
    }
    here.forEach(download -> download.left(other));
  }
}
