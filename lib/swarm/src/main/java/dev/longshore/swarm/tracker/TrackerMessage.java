package dev.longshore.swarm.tracker;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.SourceRef;
import java.util.BitSet;
import java.util.List;

/** What a tracker tells a member; tracker.proto says the same in Protocol Buffers. */
public sealed interface TrackerMessage {

  /** Members of a blob's swarm, not all of them. */
  record Peers(Digest blob, List<PeerAddress> peers) implements TrackerMessage {}

  /** The signed map, empty when nobody has published it in time. */
  @SuppressWarnings("ArrayRecordComponent") // bytes that pass through; never compared
  record MapFound(long request, byte[] signedMap) implements TrackerMessage {}

  /** What may be read, for how long without progress, and when to ask again for the rest. */
  record LeaseAnswer(long request, BitSet granted, int validityMillis, int retryAfterMillis)
      implements TrackerMessage {}

  /** How many others hold what was asked about, whole. */
  record HolderCounts(List<HolderCount> counts) implements TrackerMessage {}

  /** Of one blob. */
  record HolderCount(Digest blob, int others) {}

  /** To seeders: somebody wants this blob or its map. */
  record Wanted(Digest blob, long size, SourceRef source) implements TrackerMessage {}
}
