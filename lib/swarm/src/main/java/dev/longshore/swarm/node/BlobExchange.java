package dev.longshore.swarm.node;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.engine.Event;
import dev.longshore.swarm.wire.Frame;
import dev.longshore.swarm.wire.FrameDecoder;
import dev.longshore.swarm.wire.GoodbyeReason;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The blobs that one connection exchanges: who has what, what was asked for, what arrives. Owned by
 * the connection's event loop.
 */
final class BlobExchange {
  /** Members of a blob that a newcomer is told of. */
  private static final int INTRODUCTIONS = 16;

  /** How many of them may be in another zone than the newcomer. */
  private static final int FAR_INTRODUCTIONS = 1;

  private final NodeParts node;
  private final PeerConnection connection;
  private final PieceSender sender;
  private final BlobLookups lookups;
  private final Map<Digest, ExchangedBlob> blobs = new HashMap<>();
  private final LeftBlobs left = new LeftBlobs();
  private final VainTalk vain;
  private final PieceRequests requests;
  private final Refusals refusals;

  BlobExchange(
      NodeParts node, PeerConnection connection, FrameDecoder decoder, PieceSender sender) {
    this.node = node;
    this.connection = connection;
    this.sender = sender;
    this.lookups = new BlobLookups(node, connection);
    this.vain = new VainTalk(connection, node.limits());
    this.requests = new PieceRequests(node, connection, decoder, blobs, left, vain);
    this.refusals = new Refusals(connection, blobs, vain, this::tell);
  }

  boolean isEmpty() {
    return blobs.isEmpty();
  }

  /** What this side has asked of the peer. */
  PieceRequests requests() {
    return requests;
  }

  // ---- what this side does

  /** Offers to exchange a blob; the reference passes. */
  void join(SharedBlob blob) {
    ExchangedBlob exchanged = blobs.get(blob.digest());
    if ((exchanged != null && exchanged.shared != null) || !connection.isOpen()) {
      blob.release();
      return;
    }
    if (exchanged == null) {
      exchanged = new ExchangedBlob(blob.digest());
      blobs.put(blob.digest(), exchanged);
    } // else the store is being asked for it, since the peer has offered it too
    share(exchanged, blob);
  }

  /** The blob is here: tells the peer what of it, and the download of the peer. */
  private void share(ExchangedBlob exchanged, SharedBlob blob) {
    exchanged.shared = blob;
    blob.members.add(connection);
    announce(exchanged, blob);
    exchanged.attached = blob.transfer;
    afterBitfields(exchanged);
  }

  /** First a member, then a look at what is held: what is stored in between is told by HAVE. */
  private void announce(ExchangedBlob exchanged, SharedBlob blob) {
    if (!exchanged.announced) {
      exchanged.announced = true;
      exchanged.told = blob.stored().held();
      connection.send(new Frame.Bitfield(blob.digest(), blob.layout().count(), exchanged.told));
    }
  }

  void attach(BlobTransfer transfer) {
    ExchangedBlob exchanged = blobs.get(transfer.digest());
    if (exchanged == null || exchanged.shared == null || exchanged.attached == transfer) {
      return;
    }
    exchanged.attached = transfer;
    BitSet has = exchanged.remoteHas;
    if (has != null) {
      transfer.joined(connection, (BitSet) has.clone());
    }
  }

  /** Tells the peer that pieces are here, unless it knows, or has them itself. */
  void have(Digest digest, BitSet pieces) {
    ExchangedBlob exchanged = blobs.get(digest);
    if (exchanged != null && exchanged.announced) {
      exchanged.untold.or(pieces);
      tell(exchanged);
    }
  }

  /** The peer reads again. */
  void sendHeldBack() {
    for (ExchangedBlob exchanged : List.copyOf(blobs.values())) {
      tell(exchanged);
    }
  }

  private void tell(ExchangedBlob exchanged) {
    BitSet untold = exchanged.untold;
    untold.andNot(exchanged.told);
    if (exchanged.remoteHas != null) {
      untold.andNot(exchanged.remoteHas);
    }
    for (int piece = untold.nextSetBit(0);
        piece >= 0 && connection.isWritable();
        piece = untold.nextSetBit(piece + 1)) {
      untold.clear(piece);
      exchanged.told.set(piece);
      connection.send(new Frame.Have(exchanged.digest, piece));
    }
  }

  void request(BlobTransfer transfer, int piece) {
    ExchangedBlob exchanged = attachedTo(transfer);
    if (exchanged
        != null) { // else the transfer has been told, or is about to be, that the peer left
      requests.request(exchanged, piece);
    }
  }

  void cancel(BlobTransfer transfer, int piece) {
    ExchangedBlob exchanged = attachedTo(transfer);
    if (exchanged != null) {
      requests.cancel(exchanged, piece);
    }
  }

  private @Nullable ExchangedBlob attachedTo(BlobTransfer transfer) {
    ExchangedBlob exchanged = blobs.get(transfer.digest());
    return exchanged != null && exchanged.attached == transfer ? exchanged : null;
  }

  /** Stops to exchange a blob. */
  void leave(Digest digest) {
    ExchangedBlob exchanged = blobs.remove(digest);
    if (exchanged != null) {
      sayLeft(exchanged);
      forget(exchanged);
    }
  }

  /** The peer answers this, and what it said before that is about the exchange that ends here. */
  private void sayLeft(ExchangedBlob exchanged) {
    connection.send(new Frame.Reject(exchanged.digest, Frame.ALL_PIECES));
    left.leave(exchanged.digest, exchanged.requested);
    if (left.size() > node.limits().blobsPerConnection()) {
      connection.broken(GoodbyeReason.EXCESS, left.size() + " blobs left and not answered for");
    }
  }

  /** Two that have it all have nothing to give each other. */
  void leaveIfBothComplete(Digest digest) {
    ExchangedBlob exchanged = blobs.get(digest);
    if (exchanged != null
        && exchanged.shared != null
        && exchanged.shared.stored().complete()
        && exchanged.remoteIsComplete()) {
      leave(digest);
    }
  }

  void close() {
    List<ExchangedBlob> all = List.copyOf(blobs.values());
    blobs.clear();
    left.clear();
    all.forEach(this::forget);
    requests.close();
  }

  private void forget(ExchangedBlob exchanged) {
    sender.left(exchanged.digest);
    requests.forget(exchanged);
    BlobTransfer transfer = exchanged.attached;
    if (transfer != null) {
      transfer.left(connection);
    }
    SharedBlob blob = exchanged.shared;
    if (blob != null) {
      blob.left(connection);
      blob.release();
    }
  }

  // ---- what the peer does

  void remoteJoined(Frame.Bitfield bitfield) {
    ExchangedBlob exchanged = blobs.get(bitfield.blob());
    if (exchanged == null) {
      invited(bitfield);
      return;
    } else if (exchanged.remoteHas != null) {
      connection.broken(GoodbyeReason.MALFORMED, "a second BITFIELD of " + bitfield.blob());
      return;
    }
    exchanged.remotePieces = bitfield.pieces();
    exchanged.remoteJoined(bitfield.has());
    if (exchanged.shared != null) {
      afterBitfields(exchanged);
    }
  }

  /** The peer opens the exchange of a blob: the store is asked, off the event loop. */
  private void invited(Frame.Bitfield bitfield) {
    Digest digest = bitfield.blob();
    if (!vain.excuses("BITFIELD of " + digest)) {
      return;
    }
    ExchangedBlob exchanged = new ExchangedBlob(digest);
    if (blobs.size() + left.size() >= node.limits().blobsPerConnection()
        || !lookups.find(digest, bitfield.pieces() / 8, found -> lookedUp(exchanged, found))) {
      sayLeft(exchanged);
      return;
    }
    blobs.put(digest, exchanged);
    exchanged.remotePieces = bitfield.pieces();
    exchanged.remoteJoined(bitfield.has());
  }

  private void lookedUp(ExchangedBlob exchanged, @Nullable SharedBlob blob) {
    boolean over = blobs.get(exchanged.digest) != exchanged || !connection.isOpen();
    if (over || exchanged.shared != null) {
      if (blob != null) {
        blob.release();
      }
    } else if (blob == null || (blob.transfer == null && blob.stored().held().isEmpty())) {
      if (blob != null) {
        blob.release();
      }
      blobs.remove(exchanged.digest);
      sayLeft(exchanged);
    } else {
      share(exchanged, blob);
    }
  }

  /** Both sides may know now what the other has. */
  private void afterBitfields(ExchangedBlob exchanged) {
    SharedBlob blob = exchanged.shared;
    BitSet has = exchanged.remoteHas;
    if (blob == null || has == null) {
      return;
    }
    BlobTransfer transfer = exchanged.attached;
    if (exchanged.remotePieces != blob.layout().count()
        && (exchanged.remotePieces == 1 || blob.layout().count() == 1)) {
      // Nobody signed the size of a blob of one piece: who is wrong about it was told so by others.
      if (transfer != null) {
        transfer.declined(connection.peerId());
      }
      leave(blob.digest());
      return;
    }
    if (exchanged.remotePieces != blob.layout().count() || has.length() > blob.layout().count()) {
      connection.broken(
          GoodbyeReason.MALFORMED,
          blob.digest()
              + " has "
              + blob.layout().count()
              + " pieces, found "
              + exchanged.remotePieces);
      return;
    }
    if (transfer != null) {
      transfer.joined(connection, (BitSet) has.clone());
    }
    introduce(exchanged, blob);
    leaveIfBothComplete(exchanged.digest);
  }

  /** Tells a peer that still needs pieces who else is there. */
  private void introduce(ExchangedBlob exchanged, SharedBlob blob) {
    if (exchanged.introduced || exchanged.remoteIsComplete()) {
      return;
    }
    exchanged.introduced = true;
    List<PeerAddress> others = new ArrayList<>();
    int far = 0;
    for (PeerConnection member : blob.members) {
      if (member != connection && others.size() < INTRODUCTIONS && member.peer().port() > 0) {
        boolean isFar = connection.zone().isFar(member.zone());
        if (!isFar || far++ < FAR_INTRODUCTIONS) {
          others.add(member.peer());
        }
      }
    }
    if (!others.isEmpty()) {
      connection.send(new Frame.Peers(blob.digest(), others));
    }
  }

  void remoteHas(Frame.Have have) {
    ExchangedBlob exchanged = blobs.get(have.blob());
    if (exchanged == null || exchanged.remoteHas == null) {
      var _ = vain.excuses("HAVE of a blob that is not exchanged"); // it crossed a REJECT
      return;
    }
    if (have.piece() >= exchanged.remotePieces) {
      connection.broken(GoodbyeReason.MALFORMED, "HAVE of a piece beyond its BITFIELD");
      return;
    }
    if (!exchanged.remoteHas(exchanged.remoteHas, have.piece())
        && !offersAgain(exchanged, have.piece())) {
      return;
    }
    BlobTransfer transfer = exchanged.attached;
    if (transfer != null) {
      transfer.post(new Event.PeerHas(connection.peerId(), have.piece()));
    }
    leaveIfBothComplete(have.blob());
  }

  /** The peer says once more that it has a piece; false if that changes nothing. */
  private boolean offersAgain(ExchangedBlob exchanged, int piece) {
    if (!exchanged.remoteOffersAgain(piece)) {
      var _ = vain.excuses("HAVE of what it had");
      return false;
    }
    return !exchanged.isOften(piece) || vain.excuses("HAVE of what it refuses time and again");
  }

  void remoteKnows(Frame.Peers peers) {
    ExchangedBlob exchanged = blobs.get(peers.blob());
    if (exchanged == null || exchanged.remoteIntroduced) {
      var _ = vain.excuses("PEERS once more");
      return;
    }
    exchanged.remoteIntroduced = true;
    BlobTransfer transfer = exchanged.attached;
    if (transfer != null) {
      peers.peers().forEach(transfer::found);
    }
  }

  void remoteRequests(Frame.Request request) {
    ExchangedBlob exchanged = blobs.get(request.blob());
    SharedBlob blob = exchanged == null ? null : exchanged.shared;
    if (exchanged != null
        && blob != null
        && request.piece() < blob.layout().count()
        && blob.stored().has(request.piece())) {
      if (blob.refuses(connection.peerId(), request.piece())
          || !sender.requested(blob, request.piece(), exchanged.remoteShare())) {
        refusals.refuse(exchanged, blob, request.piece());
      }
    } else if (vain.excuses("REQUEST of what is not here")) {
      connection.send(new Frame.Reject(request.blob(), request.piece()));
    }
  }

  void remoteCancels(Frame.Cancel cancel) {
    if (sender.cancelled(cancel.blob(), cancel.piece())) {
      connection.send(new Frame.Reject(cancel.blob(), cancel.piece()));
    }
  }

  void remoteRejects(Frame.Reject reject) {
    if (reject.piece() == Frame.ALL_PIECES) {
      remoteLeft(reject.blob());
      return;
    }
    requests.rejected(reject);
  }

  private void remoteLeft(Digest digest) {
    if (left.settled(digest)) {
      return; // the answer to this side's own leaving
    }
    ExchangedBlob exchanged = blobs.remove(digest);
    if (exchanged != null) {
      if (exchanged.attached != null) {
        exchanged.attached.declined(connection.peerId());
      }
      forget(exchanged);
      connection.send(new Frame.Reject(digest, Frame.ALL_PIECES));
    } else {
      var _ = vain.excuses("REJECT of a blob that is not exchanged");
    }
  }
}
