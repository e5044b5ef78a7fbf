package dev.longshore.swarm.node;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.engine.Event;
import dev.longshore.swarm.wire.Frame;
import dev.longshore.swarm.wire.FrameDecoder;
import dev.longshore.swarm.wire.FrameReceiver.PieceIntake;
import dev.longshore.swarm.wire.GoodbyeReason;
import dev.longshore.swarm.wire.PieceBytes;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The blobs that one connection exchanges: who has what, what was asked for, what arrives. Owned by
 * the connection's event loop.
 */
final class BlobExchange {
  /*
   * What a peer says may be of no use without its fault: it crossed what this side said. Who says
   * little else costs time and gives nothing, so there is an allowance for it; to open the exchange
   * of a blob is counted there too, since it costs a look into the store.
   */
  /** Members of a blob that a newcomer is told of. */
  private static final int INTRODUCTIONS = 16;

  /** How many of them may be in another zone than the newcomer. */
  private static final int FAR_INTRODUCTIONS = 1;

  /** What a peer may say in vain a second, after all that it may say at once. */
  private static final int VAIN_PER_SECOND = 100;

  private final NodeParts node;
  private final PeerConnection connection;
  private final PieceSender sender;
  private final BlobLookups lookups;
  private final ArrivingPiece arriving;
  private final Map<Digest, ExchangedBlob> blobs = new HashMap<>();
  private final LeftBlobs left = new LeftBlobs();
  private final Allowance vain;
  private int openRequests;

  BlobExchange(
      NodeParts node, PeerConnection connection, FrameDecoder decoder, PieceSender sender) {
    this.node = node;
    this.connection = connection;
    this.sender = sender;
    this.lookups = new BlobLookups(node, connection);
    this.arriving = new ArrivingPiece(node.budget(), connection, decoder);
    this.vain =
        new Allowance(node.limits().blobsPerConnection(), VAIN_PER_SECOND, System.nanoTime());
  }

  boolean isEmpty() {
    return blobs.isEmpty();
  }

  // ---- what this side does

  /** Offers to exchange a blob; the reference passes. */
  void join(SharedBlob blob) {
    ExchangedBlob exchanged = blobs.get(blob.digest());
    if (exchanged != null || !connection.isOpen()) {
      blob.release();
    } else {
      exchanged = new ExchangedBlob(blob.digest());
      blobs.put(blob.digest(), exchanged);
      share(exchanged, blob);
    }
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
      connection.send(
          new Frame.Bitfield(blob.digest(), blob.layout().count(), blob.stored().held()));
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

  /** Tells the peer that a piece is here, unless it has that piece itself. */
  void have(Digest digest, int piece) {
    ExchangedBlob exchanged = blobs.get(digest);
    if (exchanged == null
        || !exchanged.announced
        || (exchanged.remoteHas != null && exchanged.remoteHas.get(piece))) {
      return;
    }
    if (connection.isWritable()) {
      connection.send(new Frame.Have(digest, piece));
    } else {
      exchanged.unsentHaves.set(piece);
    }
  }

  /** The peer reads again. */
  void sendHeldBack() {
    for (ExchangedBlob exchanged : List.copyOf(blobs.values())) {
      BitSet unsent = exchanged.unsentHaves;
      for (int piece = unsent.nextSetBit(0);
          piece >= 0 && connection.isWritable();
          piece = unsent.nextSetBit(piece + 1)) {
        unsent.clear(piece);
        connection.send(new Frame.Have(exchanged.digest, piece));
      }
    }
  }

  void request(BlobTransfer transfer, int piece) {
    ExchangedBlob exchanged = attachedTo(transfer);
    if (exchanged == null) {
      return; // the transfer has been told, or is about to be, that the peer left
    }
    if (exchanged.requested.get(piece)) {
      exchanged.wantedAgain.set(piece);
    } else {
      sendRequest(exchanged, piece);
    }
  }

  private void sendRequest(ExchangedBlob exchanged, int piece) {
    exchanged.requested.set(piece);
    countRequests(1);
    connection.send(new Frame.Request(exchanged.digest, piece));
  }

  void cancel(BlobTransfer transfer, int piece) {
    ExchangedBlob exchanged = attachedTo(transfer);
    if (exchanged == null) {
      return;
    }
    exchanged.wantedAgain.clear(piece);
    if (arriving.is(exchanged.digest, piece)) {
      settle(exchanged, arriving.drop());
    } else if (exchanged.requested.get(piece) && !exchanged.cancelled.get(piece)) {
      exchanged.cancelled.set(piece);
      connection.send(new Frame.Cancel(exchanged.digest, piece));
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
      connection.send(new Frame.Reject(digest, Frame.ALL_PIECES));
      left.leave(digest, exchanged.requested);
      forget(exchanged);
      if (left.size() > node.limits().blobsPerConnection()) {
        connection.broken(GoodbyeReason.EXCESS, left.size() + " blobs left and not answered for");
      }
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
    arriving.giveRoomBack();
    countRequests(-openRequests);
  }

  private void forget(ExchangedBlob exchanged) {
    sender.left(exchanged.digest);
    if (arriving.isOf(exchanged.digest)) {
      var _ = left.answered(exchanged.digest, arriving.drop());
    }
    countRequests(-exchanged.requested.cardinality());
    BlobTransfer transfer = exchanged.attached;
    if (transfer != null) {
      transfer.left(connection);
    }
    SharedBlob blob = exchanged.shared;
    if (blob != null) {
      blob.members.remove(connection);
      blob.release();
    }
  }

  // ---- what the peer does

  /** The peer says what is of no use; false if that was once too often and it is shut out. */
  private boolean excuses(String what) {
    if (vain.take(System.nanoTime())) {
      return true;
    }
    connection.broken(GoodbyeReason.EXCESS, "too much that is of no use; at last " + what);
    return false;
  }

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
    if (!excuses("BITFIELD of " + digest)) {
      return;
    }
    ExchangedBlob exchanged = new ExchangedBlob(digest);
    if (blobs.size() + left.size() >= node.limits().blobsPerConnection()
        || !lookups.find(digest, bitfield.pieces() / 8, found -> lookedUp(exchanged, found))) {
      connection.send(new Frame.Reject(digest, Frame.ALL_PIECES));
      return;
    }
    blobs.put(digest, exchanged);
    exchanged.remotePieces = bitfield.pieces();
    exchanged.remoteJoined(bitfield.has());
  }

  private void lookedUp(ExchangedBlob exchanged, @Nullable SharedBlob blob) {
    if (blobs.get(exchanged.digest) != exchanged || !connection.isOpen()) {
      if (blob != null) {
        blob.release();
      }
    } else if (blob == null || (blob.transfer == null && blob.stored().held().isEmpty())) {
      if (blob != null) {
        blob.release();
      }
      blobs.remove(exchanged.digest);
      connection.send(new Frame.Reject(exchanged.digest, Frame.ALL_PIECES));
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
    BlobTransfer transfer = exchanged.attached;
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
      var _ = excuses("HAVE of a blob that is not exchanged"); // it crossed a REJECT
      return;
    }
    if (have.piece() >= exchanged.remotePieces) {
      connection.broken(GoodbyeReason.MALFORMED, "HAVE of a piece beyond its BITFIELD");
      return;
    }
    if (!exchanged.remoteHas(exchanged.remoteHas, have.piece())) {
      var _ = excuses("HAVE of what it had");
      return;
    }
    BlobTransfer transfer = exchanged.attached;
    if (transfer != null) {
      transfer.post(new Event.PeerHas(connection.peerId(), have.piece()));
    }
    leaveIfBothComplete(have.blob());
  }

  void remoteKnows(Frame.Peers peers) {
    ExchangedBlob exchanged = blobs.get(peers.blob());
    if (exchanged == null || exchanged.remoteIntroduced) {
      var _ = excuses("PEERS once more");
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
      sender.requested(blob, request.piece(), exchanged.remoteShare());
    } else if (excuses("REQUEST of what is not here")) {
      connection.send(new Frame.Reject(request.blob(), request.piece()));
    }
  }

  void remoteCancels(Frame.Cancel cancel) {
    if (sender.cancelled(cancel.blob(), cancel.piece())) {
      connection.send(new Frame.Reject(cancel.blob(), cancel.piece()));
    }
  }

  void remoteIsBusy(Frame.Busy busy) {
    ExchangedBlob asked = blobs.get(busy.blob());
    if (asked != null && asked.requested.get(busy.piece())) {
      asked.remoteBusy = true;
    }
    ExchangedBlob exchanged = answered(busy.blob(), busy.piece());
    if (exchanged != null && exchanged.attached != null) {
      exchanged.attached.post(
          new Event.PeerBusy(
              connection.peerId(),
              busy.piece(),
              TimeUnit.MILLISECONDS.toNanos(busy.retryAfterMillis())));
    }
  }

  void remoteIsReady(Frame.Ready ready) {
    ExchangedBlob exchanged = blobs.get(ready.blob());
    if (exchanged == null || !exchanged.remoteBusy) {
      var _ = excuses("READY of one that was not busy");
      return;
    }
    exchanged.remoteBusy = false;
    if (exchanged.attached != null) {
      exchanged.attached.post(new Event.PeerReady(connection.peerId()));
    }
  }

  void remoteRejects(Frame.Reject reject) {
    if (reject.piece() == Frame.ALL_PIECES) {
      remoteLeft(reject.blob());
      return;
    }
    ExchangedBlob exchanged = answered(reject.blob(), reject.piece());
    if (exchanged != null && exchanged.attached != null) {
      exchanged.attached.post(new Event.PeerRejected(connection.peerId(), reject.piece()));
    }
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
      var _ = excuses("REJECT of a blob that is not exchanged");
    }
  }

  /** Notes an answer; null when nobody waits for it any more. */
  private @Nullable ExchangedBlob answered(Digest digest, int piece) {
    ExchangedBlob exchanged = blobs.get(digest);
    if (exchanged == null || !exchanged.requested.get(piece)) {
      if (!left.answered(digest, piece)) {
        var _ = excuses("an answer to no request");
      }
      return null;
    }
    countRequests(-1);
    if (!exchanged.answered(piece)) {
      return exchanged;
    }
    if (exchanged.wantedAgain.get(piece)) {
      exchanged.wantedAgain.clear(piece);
      sendRequest(exchanged, piece);
    }
    return null;
  }

  private void countRequests(int change) {
    openRequests += change;
    node.meters().requests.addAndGet(change);
  }

  // ---- pieces that arrive

  PieceIntake offered(Digest digest, int piece, int length) {
    ExchangedBlob exchanged = blobs.get(digest);
    if (exchanged == null || !exchanged.requested.get(piece)) {
      arriving.giveRoomBack();
      return left.answered(digest, piece) ? PieceIntake.DISCARD : PieceIntake.REFUSE;
    }
    SharedBlob blob = exchanged.shared;
    BlobTransfer transfer = exchanged.attached;
    if (blob == null || transfer == null || blob.layout().length(piece) != length) {
      return PieceIntake.REFUSE;
    }
    if (blob.stored().has(piece) || transfer.isOver()) {
      arriving.giveRoomBack();
      settle(exchanged, piece);
      return PieceIntake.DISCARD;
    }
    return arriving.begin(digest, piece, length, transfer.priority())
        ? PieceIntake.TAKE
        : PieceIntake.WAIT;
  }

  void received(Digest digest, int piece, PieceBytes bytes) {
    ByteBudget.Reservation reserved = arriving.finish();
    ExchangedBlob exchanged = blobs.get(digest);
    SharedBlob blob = exchanged == null ? null : exchanged.shared;
    BlobTransfer transfer = exchanged == null ? null : exchanged.attached;
    if (exchanged == null || blob == null || transfer == null) {
      throw new IllegalStateException("a piece of " + digest + " arrived after it was dropped");
    }
    settle(exchanged, piece);
    PeerId from = connection.peerId();
    node.meters().receivedFrom(connection.peer().role()).increment(bytes.length());
    transfer.post(new Event.PieceArrived(from, piece));
    node.verifier().submit(transfer, blob.retain(), from, piece, bytes, reserved);
  }

  /** A request needs no answer any more. */
  private void settle(ExchangedBlob exchanged, int piece) {
    if (exchanged.requested.get(piece)) {
      countRequests(-1);
      exchanged.answered(piece);
      exchanged.wantedAgain.clear(piece);
    }
  }
}
