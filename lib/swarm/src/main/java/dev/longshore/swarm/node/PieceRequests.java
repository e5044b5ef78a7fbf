package dev.longshore.swarm.node;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.PeerId;
import dev.longshore.swarm.engine.Event;
import dev.longshore.swarm.wire.Frame;
import dev.longshore.swarm.wire.FrameDecoder;
import dev.longshore.swarm.wire.FrameReceiver.PieceIntake;
import dev.longshore.swarm.wire.PieceBytes;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What this side has asked of one peer, and how the peer answers: with pieces, above all. Owned by
 * the connection's event loop.
 */
final class PieceRequests {
  private final NodeParts node;
  private final PeerConnection connection;
  private final ArrivingPiece arriving;
  private final Map<Digest, ExchangedBlob> blobs;
  private final LeftBlobs left;
  private final VainTalk vain;
  private int open;

  /**
   * No requests yet.
   *
   * @param blobs those that are exchanged; {@link BlobExchange} adds and removes them
   */
  PieceRequests(
      NodeParts node,
      PeerConnection connection,
      FrameDecoder decoder,
      Map<Digest, ExchangedBlob> blobs,
      LeftBlobs left,
      VainTalk vain) {
    this.node = node;
    this.connection = connection;
    this.arriving = new ArrivingPiece(node.budget(), connection, decoder);
    this.blobs = blobs;
    this.left = left;
    this.vain = vain;
  }

  void request(ExchangedBlob exchanged, int piece) {
    if (exchanged.requested.get(piece)) {
      exchanged.wantedAgain.set(piece);
    } else {
      send(exchanged, piece);
    }
  }

  private void send(ExchangedBlob exchanged, int piece) {
    exchanged.requested.set(piece);
    count(1);
    connection.send(new Frame.Request(exchanged.digest, piece));
  }

  void cancel(ExchangedBlob exchanged, int piece) {
    exchanged.wantedAgain.clear(piece);
    if (arriving.is(exchanged.digest, piece)) {
      settle(exchanged, arriving.drop());
      cameTwice(exchanged, piece);
    } else if (exchanged.requested.get(piece) && !exchanged.cancelled.get(piece)) {
      exchanged.cancelled.set(piece);
      connection.send(new Frame.Cancel(exchanged.digest, piece));
    }
  }

  /** A piece is being read past; if that is because it is here, the download hears of it. */
  private void cameTwice(ExchangedBlob exchanged, int piece) {
    SharedBlob blob = exchanged.shared;
    if (blob != null && blob.stored().has(piece)) {
      node.meters().unneeded.increment(blob.layout().length(piece));
      if (exchanged.attached != null) {
        exchanged.attached.post(new Event.PieceCameTwice(connection.peerId(), piece));
      }
    }
  }

  /** The blob is not exchanged any more. */
  void forget(ExchangedBlob exchanged) {
    if (arriving.isOf(exchanged.digest)) {
      var _ = left.answered(exchanged.digest, arriving.drop());
    }
    count(-exchanged.requested.cardinality());
  }

  void close() {
    arriving.giveRoomBack();
    count(-open);
  }

  // ---- what the peer does

  void busy(Frame.Busy busy) {
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

  void ready(Frame.Ready ready) {
    ExchangedBlob exchanged = blobs.get(ready.blob());
    if (exchanged == null || !exchanged.remoteBusy) {
      var _ = vain.excuses("READY of one that was not busy");
      return;
    }
    exchanged.remoteBusy = false;
    if (exchanged.attached != null) {
      exchanged.attached.post(new Event.PeerReady(connection.peerId()));
    }
  }

  void rejected(Frame.Reject reject) {
    ExchangedBlob exchanged = answered(reject.blob(), reject.piece());
    if (exchanged != null) {
      exchanged.remoteRefused(reject.piece());
    }
    if (exchanged != null && exchanged.attached != null) {
      exchanged.attached.post(new Event.PeerRejected(connection.peerId(), reject.piece()));
    }
  }

  /** Notes an answer; null when nobody waits for it any more. */
  private @Nullable ExchangedBlob answered(Digest digest, int piece) {
    ExchangedBlob exchanged = blobs.get(digest);
    if (exchanged == null || !exchanged.requested.get(piece)) {
      if (!left.answered(digest, piece)) {
        var _ = vain.excuses("an answer to no request");
      }
      return null;
    }
    count(-1);
    if (!exchanged.answered(piece)) {
      return exchanged;
    }
    if (exchanged.wantedAgain.get(piece)) {
      exchanged.wantedAgain.clear(piece);
      send(exchanged, piece);
    }
    return null;
  }

  PieceIntake offered(Digest digest, int piece, int length) {
    ExchangedBlob exchanged = blobs.get(digest);
    if (exchanged == null || !exchanged.requested.get(piece)) {
      arriving.giveRoomBack();
      if (!left.answered(digest, piece)) {
        return PieceIntake.REFUSE;
      }
      node.meters().unneeded.increment(length);
      return PieceIntake.DISCARD;
    }
    SharedBlob blob = exchanged.shared;
    BlobTransfer transfer = exchanged.attached;
    if (blob == null || transfer == null) {
      return PieceIntake.REFUSE;
    }
    if (blob.layout().length(piece) != length) {
      if (!blob.isLonePiece()) {
        return PieceIntake.REFUSE;
      }
      // Nobody signed the size: whoever told it to this side may be the one that is wrong.
      arriving.giveRoomBack();
      settle(exchanged, piece);
      transfer.post(new Event.PeerRejected(connection.peerId(), piece));
      return PieceIntake.DISCARD;
    }
    if (blob.stored().has(piece) || transfer.isOver()) {
      arriving.giveRoomBack();
      settle(exchanged, piece);
      cameTwice(exchanged, piece);
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
      count(-1);
      exchanged.answered(piece);
      exchanged.wantedAgain.clear(piece);
    }
  }

  private void count(int change) {
    open += change;
    node.meters().requests.addAndGet(change);
  }
}
