package dev.longshore.swarm.tracker;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.discovery.PeerSource.PeerSink;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What this member tells the trackers of one blob. Owned by the client's loop thread. */
final class JoinedBlob {
  private static final Logger LOG = LoggerFactory.getLogger(JoinedBlob.class);

  /** Only to share the pieces when no tracker answers: more peers than these make no difference. */
  private static final int MAX_KNOWN_PEERS = 200;

  final Digest digest;
  final List<TrackerLink> owners;
  final SelfGrant selfGrant;
  final BitSet done = new BitSet();
  final BitSet reading = new BitSet();
  final Set<PeerId> knownPeers = new LinkedHashSet<>();
  private final List<PeerSink> sinks = new ArrayList<>();
  private long size;
  private SourceRef source = new SourceRef("", "");
  private int held;
  private int pieces;
  private long readingUntil;
  private MemberMessage.@Nullable Announce told;

  JoinedBlob(Digest digest, List<TrackerLink> owners, SelfGrant selfGrant) {
    this.digest = digest;
    this.owners = owners;
    this.selfGrant = selfGrant;
  }

  void add(long blobSize, SourceRef from, PeerSink sink) {
    size = blobSize;
    source = from;
    sinks.add(sink);
  }

  /** Returns whether that was the last. */
  boolean remove(PeerSink sink) {
    sinks.remove(sink);
    return sinks.isEmpty();
  }

  boolean isJoined() {
    return !sinks.isEmpty();
  }

  void progress(int heldNow, int piecesNow) {
    held = heldNow;
    pieces = piecesNow;
  }

  void found(PeerAddress peer) {
    if (knownPeers.size() < MAX_KNOWN_PEERS) {
      knownPeers.add(peer.id());
    }
    for (PeerSink sink : List.copyOf(sinks)) {
      try {
        sink.found(peer);
      } catch (RuntimeException e) {
        LOG.error("the swarm of {} cannot take peer {}", digest, peer, e);
      }
    }
  }

  void granted(BitSet granted, long until) {
    reading.or(granted);
    readingUntil = until;
  }

  void done(BitSet read, long until) {
    done.or(read);
    reading.andNot(read);
    readingUntil = until;
  }

  /** Whether every piece is here. */
  boolean isWhole() {
    return pieces > 0 && held == pieces;
  }

  /** Whether pieces are being read under leases that hold. */
  boolean isReading(long now) {
    return isJoined() && !reading.isEmpty() && now - readingUntil < 0;
  }

  void tell(MemberMessage message) {
    owners.forEach(owner -> owner.tell(this, message));
  }

  MemberMessage.LeaseHeld heldLeases() {
    return new MemberMessage.LeaseHeld(digest, (BitSet) reading.clone());
  }

  /** Tells trackers that take messages as fast as they come what is being read. */
  void tellReading() {
    MemberMessage held = heldLeases();
    owners.stream().filter(TrackerLink::isReady).forEach(owner -> owner.tell(this, held));
  }

  /** Announces the blob as it is now, unless the trackers have been told just that. */
  void announce() {
    MemberMessage.Announce now = announcement();
    if (!now.equals(told)) {
      told = now; // those that are not connected hear the whole story when they are
      tell(now);
    }
  }

  /** Whether it has been announced wherever there was a place for it. */
  boolean isAnnounced() {
    return told != null;
  }

  private MemberMessage.Announce announcement() {
    return new MemberMessage.Announce(digest, size, held, pieces, source);
  }

  /** Everything that a tracker which knows nothing should hear. */
  List<MemberMessage> story(long now) {
    List<MemberMessage> story = new ArrayList<>();
    if (!isJoined()) {
      return story;
    }
    story.add(announcement());
    if (!done.isEmpty()) {
      story.add(new MemberMessage.LeaseDone(digest, (BitSet) done.clone()));
    }
    if (isReading(now)) {
      story.add(heldLeases());
    }
    return story;
  }
}
