package dev.longshore.agent.blob;

import dev.longshore.oci.Digest;
import dev.longshore.piece.VouchedPieceMap;
import dev.longshore.swarm.Priority;
import dev.longshore.swarm.node.SourceReader;
import dev.longshore.swarm.node.SwarmDownload;
import dev.longshore.swarm.node.Traffic;
import dev.longshore.swarm.source.BlobAtSource;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The swarm's download of one blob, as long as any client of this node reads it.
 *
 * <p>When the last reader leaves an unfinished download it is stopped, unless more than half is
 * here: then it goes on for a while, since others will ask for what is left.
 */
final class SharedDownload {

  /** Opens one more claim. */
  @FunctionalInterface
  interface Claims {
    SwarmDownload claim(SourceReader reader, Priority priority) throws IOException;
  }

  private final VouchedPieceMap map;
  private final Transfer transfer;
  private final Claims claims;
  private final Runnable gone;
  private int readers; // guarded by this
  private @Nullable SwarmDownload last; // guarded by this: kept open while readers are there
  private boolean over; // guarded by this
  private volatile @Nullable BlobAtSource latest;

  /**
   * A download.
   *
   * @param gone called once, when this object is of no more use
   */
  SharedDownload(VouchedPieceMap map, Transfer transfer, Claims claims, Runnable gone) {
    this.map = map;
    this.transfer = transfer;
    this.claims = claims;
    this.gone = gone;
  }

  Digest digest() {
    return map.map().digest();
  }

  VouchedPieceMap map() {
    return map;
  }

  Transfer transfer() {
    return transfer;
  }

  Traffic traffic() {
    return transfer.traffic();
  }

  /**
   * A claim for one more reader, to be given back with {@link #leave}. From now on the source is
   * read with this reader's rights: they are the freshest.
   *
   * @return null when this download is over; ask for a new one
   */
  synchronized @Nullable SwarmDownload enter(BlobAtSource source, Priority priority)
      throws IOException {
    if (over) {
      return null;
    }
    latest = source;
    if (last == null) {
      SwarmDownload held;
      try {
        held = claims.claim(this::readAtSource, Priority.BACKGROUND);
      } catch (IOException | RuntimeException e) {
        if (readers == 0) {
          end(Transfer.State.FAILED, e.getMessage());
        }
        throw e;
      }
      last = held;
      transfer.count(held::traffic);
    }
    SwarmDownload claim = claims.claim(this::readAtSource, priority);
    readers++;
    return claim;
  }

  private InputStream readAtSource(long offset, long length) throws IOException {
    return Objects.requireNonNull(latest, "a download begins with a reader").read(offset, length);
  }

  /** Gives a reader's claim back. */
  void leave(SwarmDownload claim) {
    claim.close();
    SwarmDownload held;
    synchronized (this) {
      readers--;
      held = last;
      if (readers > 0 || over || held == null) {
        return;
      }
      if (!held.completion().isDone() && moreThanHalf(held)) {
        // Bounded by the download itself: it ends when it completes, fails, or the node closes.
        // Also when the last piece is stored already: it may not have been counted yet.
        var _ = held.completion().whenComplete((done, failure) -> settle());
        return;
      }
    }
    settle();
  }

  /** Ends the account if no reader came back meanwhile. */
  private synchronized void settle() {
    SwarmDownload held = last;
    if (readers > 0 || over || held == null) {
      return;
    }
    if (held.blob().complete()) {
      end(Transfer.State.COMPLETE, null);
    } else if (held.completion().isCompletedExceptionally()) {
      end(Transfer.State.FAILED, String.valueOf(held.completion().exceptionNow().getMessage()));
    } else {
      end(Transfer.State.STOPPED, null);
    }
    held.close();
  }

  private void end(Transfer.State state, @Nullable String reason) {
    over = true;
    transfer.end(state, reason);
    gone.run();
  }

  private static boolean moreThanHalf(SwarmDownload download) {
    return download.blob().held().cardinality() * 2L > download.blob().map().layout().count();
  }
}
