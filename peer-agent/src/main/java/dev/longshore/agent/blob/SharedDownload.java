package dev.longshore.agent.blob;

import dev.longshore.oci.Digest;
import dev.longshore.piece.VouchedPieceMap;
import dev.longshore.swarm.Priority;
import dev.longshore.swarm.node.Scope;
import dev.longshore.swarm.node.SourceReader;
import dev.longshore.swarm.node.SwarmDownload;
import dev.longshore.swarm.node.Traffic;
import dev.longshore.swarm.source.BlobAtSource;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The swarm's download of one blob, as long as any client of this node reads it.
 *
 * <p>Clients that pull the blob want all of it, those that read lazily a few pieces each, and while
 * there are only such, nothing else is fetched. When the last reader leaves an unfinished download
 * it is stopped, with two exceptions. A pull of which more than half is here goes on for a while,
 * since others will ask for what is left. And one that was only read in parts rests a while before
 * it ends: the next part will be asked for soon, and then the peers are at hand.
 */
final class SharedDownload {
  /** Opens one more claim. */
  @FunctionalInterface
  interface Claims {
    SwarmDownload claim(SourceReader reader, Priority priority, Scope scope) throws IOException;
  }

  private final VouchedPieceMap map;
  private final Transfer transfer;
  private final Claims claims;
  private final Executor afterRest;
  private final Runnable gone;
  private int readers; // guarded by this
  private int pulling; // guarded by this: readers of the whole
  private long left; // guarded by this: how often the last reader left
  private @Nullable SwarmDownload last; // guarded by this: kept open while readers are there
  private @Nullable SwarmDownload rest; // guarded by this: the whole, while it is pulled
  private boolean over; // guarded by this
  private volatile @Nullable BlobAtSource latest;

  /**
   * A download.
   *
   * @param afterRest runs what is to be done when a download has rested for a while
   * @param gone called once, when this object is of no more use
   */
  SharedDownload(
      VouchedPieceMap map, Transfer transfer, Claims claims, Executor afterRest, Runnable gone) {
    this.map = map;
    this.transfer = transfer;
    this.claims = claims;
    this.afterRest = afterRest;
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

  /** What a reader of this urgency wants of a blob. */
  static Scope scope(Priority priority) {
    return priority == Priority.ON_DEMAND ? Scope.RANGES : Scope.WHOLE;
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
    Scope scope = scope(priority);
    try {
      if (last == null) {
        SwarmDownload held = claims.claim(this::readAtSource, Priority.BACKGROUND, Scope.RANGES);
        last = held;
        transfer.count(held::traffic);
      }
      if (scope == Scope.WHOLE && rest == null) {
        rest = claims.claim(this::readAtSource, Priority.BACKGROUND, Scope.WHOLE);
      }
      SwarmDownload claim = claims.claim(this::readAtSource, priority, scope);
      readers++;
      pulling += scope == Scope.WHOLE ? 1 : 0;
      return claim;
    } catch (IOException | RuntimeException e) {
      if (readers == 0) {
        end(Transfer.State.FAILED, e.getMessage());
      }
      throw e;
    }
  }

  private InputStream readAtSource(long offset, long length) throws IOException {
    return Objects.requireNonNull(latest, "a download begins with a reader").read(offset, length);
  }

  /** Gives a reader's claim back; its priority is the one it was given for. */
  void leave(SwarmDownload claim, Priority priority) {
    claim.close();
    SwarmDownload held;
    synchronized (this) {
      readers--;
      pulling -= scope(priority) == Scope.WHOLE ? 1 : 0;
      held = last;
      if (over || held == null) {
        return;
      }
      if (pulling == 0 && rest != null && !moreThanHalf(held)) {
        rest.close(); // nobody pulls it any more, and too little is here
        rest = null;
      }
      if (readers > 0) {
        return;
      }
      if (!held.completion().isDone()) {
        if (rest != null) {
          // Bounded by the download itself: it ends when it completes, fails, or the node closes.
          // Also when the last piece is stored already: it may not have been counted yet.
          var _ = held.completion().whenComplete((done, failure) -> settle());
          return;
        }
        if (scope(priority) == Scope.RANGES) {
          left++;
          long rested = left;
          afterRest.execute(() -> settleAfter(rested));
          return;
        }
      }
    }
    settle();
  }

  /** Ends the account if no reader came back since. */
  private void settleAfter(long rested) {
    synchronized (this) {
      if (left != rested) {
        return;
      }
    }
    settle();
  }

  /** Ends the account if no reader came back meanwhile. */
  synchronized void settle() {
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
  }

  private void end(Transfer.State state, @Nullable String reason) {
    over = true;
    transfer.end(state, reason);
    gone.run();
    if (rest != null) {
      rest.close();
    }
    if (last != null) {
      last.close();
    }
  }

  private static boolean moreThanHalf(SwarmDownload download) {
    return download.blob().held().cardinality() * 2L > download.blob().map().layout().count();
  }
}
