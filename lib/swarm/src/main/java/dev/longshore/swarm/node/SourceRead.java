package dev.longshore.swarm.node;

import dev.longshore.oci.http.BodyStream;
import dev.longshore.piece.PieceLayout;
import dev.longshore.swarm.engine.Event;
import dev.longshore.swarm.wire.PieceBytes;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads leased pieces at the source, neighbours in one request. Runs on a thread that may block.
 */
final class SourceRead implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(SourceRead.class);

  /** Bytes between two looks at the rate limit. */
  private static final int STEP = 256 << 10;

  private final NodeParts node;
  private final BlobTransfer transfer;
  private final SourceReader reader;
  private final SharedBlob blob;
  private final PieceLayout layout;

  /** Pieces that have not been handed to the verifier. */
  private final BitSet left;

  /**
   * A read to come.
   *
   * @param blob a reference that passes to the read
   */
  SourceRead(
      NodeParts node, BlobTransfer transfer, SharedBlob blob, SourceReader reader, BitSet pieces) {
    this.node = node;
    this.transfer = transfer;
    this.reader = reader;
    this.blob = blob;
    this.layout = blob.layout();
    this.left = pieces;
  }

  @Override
  public void run() {
    try {
      for (int first = left.nextSetBit(0); first >= 0; first = left.nextSetBit(first)) {
        readRange(first, left.nextClearBit(first));
      }
    } catch (InterruptedException e) {
      failed("the node is closing", false);
    } catch (IOException e) {
      boolean permanent = e instanceof SourceDeniedException;
      log.warn("cannot read {} at its source: {}", transfer.digest(), e.toString());
      node.meters().sourceFailure(permanent);
      failed(String.valueOf(e.getMessage()), permanent);
    } catch (RuntimeException e) {
      log.error("reading {} at its source failed unexpectedly", transfer.digest(), e);
      node.meters().sourceFailure(false);
      failed(e.toString(), false);
    } finally {
      blob.release();
    }
  }

  private void failed(String reason, boolean permanent) {
    transfer.post(new Event.SourceFailed((BitSet) left.clone(), reason, permanent));
  }

  private void readRange(int first, int end) throws IOException, InterruptedException {
    long offset = layout.offset(first);
    long length = layout.offset(end - 1) + layout.length(end - 1) - offset;
    try (BodyStream in = BodyStream.of(reader.read(offset, length))) {
      for (int piece = first; piece < end; piece++) {
        if (transfer.isOver()) {
          left.clear();
          return;
        }
        readPiece(in, piece);
      }
    }
  }

  private void readPiece(BodyStream in, int piece) throws IOException, InterruptedException {
    int length = layout.length(piece);
    ByteBudget.Reservation room = node.budget().await(length, transfer.priority());
    PieceBytes bytes = new PieceBytes(node.buffers(), length);
    boolean handedOver = false;
    try {
      fill(bytes, in, piece);
      left.clear(piece);
      transfer.post(new Event.PieceArrived(null, piece));
      handedOver = true;
    } finally {
      if (!handedOver) {
        bytes.release();
        room.release();
      }
    }
    node.verifier().submit(transfer, blob.retain(), null, piece, bytes, room);
  }

  private void fill(PieceBytes bytes, BodyStream in, int piece)
      throws IOException, InterruptedException {
    ByteBuffer room = bytes.room();
    int length = room.remaining();
    while (room.position() < length) {
      int count = in.read(room.limit(Math.min(length, room.position() + STEP)));
      if (count < 0) {
        throw new EOFException(
            "the source ended at byte "
                + (layout.offset(piece) + room.position())
                + ", expected "
                + (layout.offset(piece) + length));
      }
      node.meters().receivedFromSource.increment(count);
      long wait = node.download().pace(count, System.nanoTime());
      if (wait > 0) {
        TimeUnit.NANOSECONDS.sleep(wait);
      }
    }
    bytes.filled(length);
  }
}
