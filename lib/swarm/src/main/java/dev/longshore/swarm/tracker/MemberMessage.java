package dev.longshore.swarm.tracker;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.SourceRef;
import java.util.BitSet;
import java.util.List;

/**
 * What a member tells a tracker; tracker.proto says the same in Protocol Buffers. Bit sets are
 * piece numbers and belong to the message: nobody changes them.
 */
public sealed interface MemberMessage {

  /** Always the first message. An empty host stands for the address the tracker sees. */
  record Hello(PeerAddress self, String zone) implements MemberMessage {}

  /**
   * This member wants or holds a blob; repeated as it gets on.
   *
   * @param pieces 0 while unknown
   */
  record Announce(Digest blob, long size, int held, int pieces, SourceRef source)
      implements MemberMessage {
    /** Blobs that a tracker takes of one member. */
    public static final int MOST = 50_000;
  }

  /** This member left the blob's swarm. */
  record Withdraw(Digest blob) implements MemberMessage {}

  /** Asks for a map, and to wait that long if nobody has published it. */
  record FindMap(long request, Digest blob, int waitMillis) implements MemberMessage {}

  /**
   * A signed map.
   *
   * @param digest the blob that the map says it is of
   */
  @SuppressWarnings("ArrayRecordComponent") // bytes that pass through; never compared
  record PublishMap(Digest digest, byte[] signedMap) implements MemberMessage {}

  /** Asks to read up to {@code max} of these pieces from the source. */
  record RequestLease(long request, Digest blob, BitSet wanted, int max) implements MemberMessage {}

  /** These pieces were read from the source. */
  record LeaseDone(Digest blob, BitSet pieces) implements MemberMessage {}

  /** These pieces will not be read after all. */
  record LeaseReleased(Digest blob, BitSet pieces) implements MemberMessage {}

  /** Asks how many others hold each of these blobs. */
  record CountHolders(List<Digest> blobs) implements MemberMessage {
    /** In one message. */
    public static final int MOST = 256;
  }

  /** That member sent this one what is not the piece. */
  record Distrust(PeerId peer) implements MemberMessage {}

  /**
   * These pieces, or none yet, are being read, under a grant that the tracker may not know of. Told
   * before each request and again and again while they are, so that a tracker need not wait for
   * those of a member that is not there any more.
   */
  record LeaseHeld(Digest blob, BitSet pieces) implements MemberMessage {}
}
