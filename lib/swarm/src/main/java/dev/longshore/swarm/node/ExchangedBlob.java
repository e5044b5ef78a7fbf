package dev.longshore.swarm.node;

import dev.longshore.oci.Digest;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** How one connection stands to one blob. Owned by the connection's event loop. */
final class ExchangedBlob {
  final Digest digest;

  /** The blob here, a reference; null while the store is being asked for it. */
  @Nullable SharedBlob shared;

  /** The download that was told about this peer. */
  @Nullable BlobTransfer attached;

  /** What the peer has; null until its BITFIELD came. */
  @Nullable BitSet remoteHas;

  /** How many pieces that are. */
  private int remoteCount;

  /** How many pieces the peer says the blob has; checked against the map once it is known. */
  int remotePieces = -1;

  /** Whether the peer has had a BITFIELD. */
  boolean announced;

  /** Whether the peer was told of other members. */
  boolean introduced;

  /** Whether the peer told of other members. */
  boolean remoteIntroduced;

  /** Whether the peer was busy, and has not been ready since. */
  boolean remoteBusy;

  /** Requests that the peer has not answered. */
  final BitSet requested = new BitSet();

  /** Those of them that were cancelled. */
  final BitSet cancelled = new BitSet();

  /** Those of the cancelled ones that are wanted again as soon as the answer is here. */
  final BitSet wantedAgain = new BitSet();

  /** Pieces that the peer has, and has refused since it said so. */
  private final BitSet remoteRefused = new BitSet();

  /** Those of them that it has offered again. */
  private final BitSet remoteOffered = new BitSet();

  /** Pieces that the peer was refused while they are on their way to others. */
  final BitSet toOffer = new BitSet();

  /** Pieces that the peer knows to be here. */
  BitSet told = new BitSet();

  /** Pieces that it has still to be told of; it may have stopped to read. */
  final BitSet untold = new BitSet();

  ExchangedBlob(Digest digest) {
    this.digest = digest;
  }

  boolean remoteIsComplete() {
    SharedBlob blob = shared;
    return blob != null && remoteHas != null && remoteCount == blob.layout().count();
  }

  /** The peer said what it has. */
  void remoteJoined(BitSet has) {
    remoteHas = has;
    remoteCount = has.cardinality();
  }

  /** The peer, which has joined, has a piece; false if that was known. */
  boolean remoteHas(BitSet has, int piece) {
    if (has.get(piece)) {
      return false;
    }
    has.set(piece);
    remoteCount++;
    return true;
  }

  /** The peer will not send a piece now. */
  void remoteRefused(int piece) {
    remoteRefused.set(piece);
  }

  /** The peer, which has refused a piece, offers it again; false if it has not refused it. */
  boolean remoteOffersAgain(int piece) {
    boolean was = remoteRefused.get(piece);
    remoteRefused.clear(piece);
    return was;
  }

  /** Whether the peer offers a piece again for more than the first time. */
  boolean isOften(int piece) {
    boolean was = remoteOffered.get(piece);
    remoteOffered.set(piece);
    return was;
  }

  /** How much of the blob the peer has, in thousandths. */
  int remoteShare() {
    return remotePieces <= 0 ? 0 : (int) (1000L * remoteCount / remotePieces);
  }

  /** The request is answered. Returns whether it had been cancelled. */
  boolean answered(int piece) {
    requested.clear(piece);
    boolean was = cancelled.get(piece);
    cancelled.clear(piece);
    return was;
  }
}
