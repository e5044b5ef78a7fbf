package dev.longshore.swarm.wire;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.PeerRole;
import java.util.BitSet;
import java.util.List;

/**
 * What one member tells another, except for the bytes of a piece.
 *
 * <p>Integers are big-endian and unsigned. A frame is {@code length (4) | type (1) | body}, where
 * the length counts type and body; a length of 0 is a keep-alive and has neither. {@code blob} is
 * {@link Digest.Algorithm#wireCode()} (1) and the raw hash (32 or 64). {@code text} is its length
 * (1) and UTF-8.
 *
 * <pre>
 *  1 HELLO     magic "LSHP" (4) | version (2) | features (4) | peer id (16) | role (1)
 *              | port (2) | host text | zone text
 *  2 HAVE      blob | piece (4)
 *  3 BITFIELD  blob | pieces (4) | ⌈pieces ÷ 8⌉ bytes, piece 0 is the lowest bit of the first
 *  4 REQUEST   blob | piece (4)
 *  5 PIECE     blob | piece (4) | the bytes of the piece
 *  6 CANCEL    blob | piece (4)
 *  7 BUSY      blob | piece (4) | retry after, milliseconds (4)
 *  8 REJECT    blob | piece (4); ffffffff: the sender does not take part in the blob
 *  9 PEERS     blob | count (1) | count × (peer id (16) | role (1) | port (2) | host text)
 * 10 GOODBYE   reason (1) | detail text
 * 11 READY     blob
 * </pre>
 *
 * <p>Each side sends HELLO first, the dialing side before the other. Whoever joins a blob sends
 * BITFIELD to its peers, and each answers with its own BITFIELD, unless it has sent one already, or
 * with REJECT for the whole blob; the same REJECT, unasked, leaves a blob. HAVE goes to those that
 * sent a BITFIELD. Every REQUEST gets exactly one answer: PIECE, BUSY or REJECT; a CANCEL that came
 * in time makes it a REJECT. Whoever said BUSY says READY when it has room for a request again.
 * GOODBYE is the last frame before the sender closes.
 */
public sealed interface Frame {

  /** "LSHP". */
  int MAGIC = 0x4c534850;

  /** The version spoken here. */
  int VERSION = 1;

  /** Stands for all pieces of a blob in a {@link Reject}. */
  int ALL_PIECES = -1;

  /** Most peers in one {@link Peers}. */
  int MAX_PEERS = 64;

  /**
   * Who the sender is.
   *
   * @param features optional abilities; unknown bits are ignored
   * @param port where it listens
   * @param host where it says it can be reached; empty: where it came from
   * @param zone region/zone/rack, or empty
   */
  record Hello(int features, PeerId id, PeerRole role, int port, String host, String zone)
      implements Frame {}

  /** The sender has one more piece. */
  record Have(Digest blob, int piece) implements Frame {}

  /** The sender takes part in a blob and has these of its pieces. */
  record Bitfield(Digest blob, int pieces, BitSet has) implements Frame {}

  /** The sender wants a piece. */
  record Request(Digest blob, int piece) implements Frame {}

  /** The sender does not want a requested piece any more. */
  record Cancel(Digest blob, int piece) implements Frame {}

  /** The sender cannot send a piece now. */
  record Busy(Digest blob, int piece, int retryAfterMillis) implements Frame {}

  /** The sender, who was busy, has room for a request of this blob. */
  record Ready(Digest blob) implements Frame {}

  /** The sender will not send a piece, or nothing of the blob. */
  record Reject(Digest blob, int piece) implements Frame {}

  /** Other members of a blob's swarm. */
  record Peers(Digest blob, List<PeerAddress> peers) implements Frame {}

  /** The sender closes the connection. */
  record Goodbye(GoodbyeReason reason, String detail) implements Frame {}

  /** Nothing to say. */
  record KeepAlive() implements Frame {}
}
