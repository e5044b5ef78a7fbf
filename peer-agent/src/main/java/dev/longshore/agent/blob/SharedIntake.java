package dev.longshore.agent.blob;

import dev.longshore.piece.PieceMap;
import dev.longshore.swarm.intake.BlobIntake;
import dev.longshore.swarm.node.Traffic;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one read of a blob without a map from its source, as long as any client of this node wants
 * it; when it is whole it is kept in the store.
 */
final class SharedIntake {
  private static final Logger log = LoggerFactory.getLogger(SharedIntake.class);

  /** Puts a finished blob where the next request finds it. */
  @FunctionalInterface
  interface Keeper {
    void keep(BlobIntake intake, PieceMap map) throws IOException, InterruptedException;
  }

  private final BlobIntake intake;
  private final Transfer transfer;
  private final Runnable gone;
  private final CompletableFuture<Void> kept = new CompletableFuture<>();
  private int readers; // guarded by this
  private boolean keeping = true; // guarded by this: until the blob is kept, or will not be
  private boolean over; // guarded by this

  /**
   * An intake that was just started.
   *
   * @param gone called once, when this object is of no more use to new readers
   */
  SharedIntake(BlobIntake intake, Transfer transfer, Keeper keeper, Runnable gone) {
    this.intake = intake;
    this.transfer = transfer;
    this.gone = gone;
    transfer.count(() -> new Traffic(intake.received(), 0, 0));
    var _ =
        intake
            .completion()
            .whenCompleteAsync(
                (map, failure) -> finish(keeper, map, failure),
                task -> Thread.ofVirtual().name("keep-intake").start(task));
  }

  BlobIntake intake() {
    return intake;
  }

  Transfer transfer() {
    return transfer;
  }

  /** Joins; false when this intake is over. */
  synchronized boolean enter() {
    if (over) {
      return false;
    }
    readers++;
    return true;
  }

  /** Leaves. The last reader stops an intake that has less than half. */
  void leave() {
    synchronized (this) {
      readers--;
      if (readers > 0) {
        return;
      }
      boolean wanted = keeping && intake.received() * 2 > intake.size();
      if (wanted && !over) {
        return;
      }
      endForNewReaders();
      transfer.end(Transfer.State.STOPPED, null);
    }
    close();
  }

  /** Blocks until the blob is in the store; fails if it cannot be there. */
  void awaitKept() throws IOException, InterruptedException {
    try {
      kept.get();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause() == null ? null : e.getCause().getMessage(), e.getCause());
    }
  }

  private void finish(Keeper keeper, @Nullable PieceMap map, @Nullable Throwable failure) {
    if (map != null) {
      transfer.end(Transfer.State.COMPLETE, null);
      try {
        keeper.keep(intake, map);
        kept.complete(null);
      } catch (IOException e) {
        log.warn("{} was served but cannot be kept: {}", intake.digest(), e.getMessage());
        kept.completeExceptionally(e);
      } catch (InterruptedException e) {
        kept.completeExceptionally(e);
        Thread.currentThread().interrupt();
      } catch (RuntimeException e) {
        kept.completeExceptionally(e);
        throw e;
      }
    } else {
      kept.completeExceptionally(
          failure == null ? new IOException("the source was not read to its end") : failure);
      transfer.end(Transfer.State.FAILED, failure == null ? null : failure.getMessage());
    }
    synchronized (this) {
      keeping = false;
      endForNewReaders();
      if (readers > 0) {
        return;
      }
    }
    close();
  }

  private void endForNewReaders() {
    if (!over) {
      over = true;
      gone.run();
    }
  }

  private void close() {
    try {
      intake.close();
    } catch (IOException e) {
      log.warn("cannot free the spool file of {}: {}", intake.digest(), e.getMessage());
    }
  }
}
