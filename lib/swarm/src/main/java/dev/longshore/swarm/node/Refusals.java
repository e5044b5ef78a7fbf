package dev.longshore.swarm.node;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.wire.Frame;
import java.util.BitSet;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Pieces that one peer was refused because another is being sent them, and is offered again when
 * they are free. Owned by the connection's event loop.
 */
final class Refusals {
  /** How often a peer that was refused pieces is offered those that it may ask for again. */
  private static final long OFFER_MILLIS = 50;

  private final PeerConnection connection;
  private final Map<Digest, ExchangedBlob> blobs;
  private final VainTalk vain;
  private final Consumer<ExchangedBlob> tell;

  /**
   * No refusals.
   *
   * @param blobs those that are exchanged; {@link BlobExchange} adds and removes them
   * @param tell tells the peer what it has not been told
   */
  Refusals(
      PeerConnection connection,
      Map<Digest, ExchangedBlob> blobs,
      VainTalk vain,
      Consumer<ExchangedBlob> tell) {
    this.connection = connection;
    this.blobs = blobs;
    this.vain = vain;
    this.tell = tell;
  }

  /** The peer is to get a piece from another one that is being sent it, and is told if it can't. */
  void refuse(ExchangedBlob exchanged, SharedBlob blob, int piece) {
    if (exchanged.toOffer.get(piece) && !vain.excuses("REQUEST of what was refused")) {
      return;
    }
    if (exchanged.toOffer.isEmpty()) {
      offerLater(exchanged, blob);
    }
    exchanged.toOffer.set(piece);
    connection.send(new Frame.Reject(blob.digest(), piece));
  }

  private void offerLater(ExchangedBlob exchanged, SharedBlob blob) {
    connection.executeIn(OFFER_MILLIS, () -> offer(exchanged, blob));
  }

  /** Offers again what was refused and may be sent now. */
  private void offer(ExchangedBlob exchanged, SharedBlob blob) {
    if (blobs.get(exchanged.digest) != exchanged) {
      return;
    }
    BitSet waiting = exchanged.toOffer;
    for (int piece = waiting.nextSetBit(0); piece >= 0; piece = waiting.nextSetBit(piece + 1)) {
      if (blob.isFree(piece)) {
        waiting.clear(piece);
        exchanged.told.clear(piece); // it knows, and has to hear it once more
        exchanged.untold.set(piece);
      }
    }
    tell.accept(exchanged);
    if (!waiting.isEmpty()) {
      offerLater(exchanged, blob);
    }
  }
}
