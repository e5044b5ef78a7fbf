package dev.longshore.swarm.node;

import dev.longshore.swarm.engine.Event;
import dev.longshore.swarm.store.StoredBlob;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** One caller's claim on a transfer. Thread-safe. */
final class DownloadClaim implements SwarmDownload {
  private final BlobTransfer transfer;
  private final StoredBlob blob;
  private final long id;
  private final Runnable onClose;
  private final AtomicInteger position = new AtomicInteger(-1);
  private volatile int end;
  private final AtomicBoolean closed = new AtomicBoolean();

  DownloadClaim(BlobTransfer transfer, StoredBlob blob, Scope scope, long id, Runnable onClose) {
    this.transfer = transfer;
    this.end = scope == Scope.WHOLE ? blob.map().layout().count() : 0;
    this.blob = blob;
    this.id = id;
    this.onClose = onClose;
  }

  @Override
  public StoredBlob blob() {
    return blob;
  }

  @Override
  public void want(int first, int pastLast) {
    int count = blob.map().layout().count();
    if (first < 0 || pastLast < first || pastLast > count) {
      throw new IllegalArgumentException(
          "not pieces of %s, which has %d: %d to %d"
              .formatted(transfer.digest(), count, first, pastLast));
    }
    if (!closed.get()) {
      end = pastLast;
      position.set(first);
      transfer.post(new Event.ReaderAt(id, first, pastLast));
    }
  }

  @Override
  public CompletableFuture<Void> arrival(int piece) {
    if (closed.get()) {
      return CompletableFuture.failedFuture(
          new IOException("this claim on " + transfer.digest() + " is closed"));
    }
    if (piece < 0 || piece >= blob.map().layout().count()) {
      throw new IllegalArgumentException(
          transfer.digest() + " has no piece " + piece + " of " + blob.map().layout().count());
    }
    if (transfer.isComplete() || (blob.has(piece) && position.get() == piece)) {
      return CompletableFuture.completedFuture(null);
    }
    if (position.getAndSet(piece) != piece) {
      transfer.post(new Event.ReaderAt(id, piece, Math.max(end, piece + 1)));
    }
    return transfer.waiters().arrival(blob, piece);
  }

  @Override
  public CompletableFuture<Void> completion() {
    return transfer.completion().copy();
  }

  @Override
  public Traffic traffic() {
    return transfer.traffic();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      transfer.post(new Event.ReaderGone(id));
      blob.close();
      onClose.run();
    }
  }
}
