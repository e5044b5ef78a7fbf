package dev.longshore.swarm.node;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.discovery.LeaseBroker;
import dev.longshore.swarm.discovery.LeaseBroker.LeaseReply;
import dev.longshore.swarm.engine.Action;
import io.netty.channel.EventLoop;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pieces of one blob that this member may read at the source, as its broker knows them. Owned
 * by the transfer's event loop.
 */
final class SourceLeases {
  private static final Logger log = LoggerFactory.getLogger(SourceLeases.class);

  /**
   * Pieces that were read are reported together, so late at most, and before more are asked for.
   */
  private static final long REPORT_MILLIS = 500;

  private final LeaseBroker broker;
  private final Digest digest;
  private final int pieces;
  private final EventLoop loop;
  private final BitSet leased = new BitSet();
  private BitSet unreported = new BitSet();

  /**
   * No leases yet.
   *
   * @param pieces of the blob
   */
  SourceLeases(LeaseBroker broker, Digest digest, int pieces, EventLoop loop) {
    this.broker = broker;
    this.digest = digest;
    this.pieces = pieces;
    this.loop = loop;
  }

  /**
   * Asks the broker.
   *
   * @param answer gets what was granted, or null when the broker failed; on any thread
   */
  void ask(Action.AskLease ask, Consumer<@Nullable LeaseReply> answer) {
    report();
    CompletableFuture<LeaseReply> reply;
    try {
      reply = broker.request(digest, pieces, ask.wanted(), ask.max());
    } catch (RuntimeException e) {
      reply = CompletableFuture.failedFuture(e);
    }
    var _ =
        reply.whenComplete((granted, failure) -> {
          if (failure != null) {
            log.warn("no lease for {}: {}", digest, failure.toString());
          }
          answer.accept(failure == null ? granted : null);
        });
  }

  void granted(BitSet more) {
    leased.or(more);
  }

  /** A piece was read at the source and stored; false if there was no lease on it. */
  boolean done(int piece) {
    if (!leased.get(piece)) {
      return false;
    }
    leased.clear(piece);
    if (unreported.isEmpty()) {
      var _ = loop.schedule(this::report, REPORT_MILLIS, TimeUnit.MILLISECONDS);
    }
    unreported.set(piece);
    return true;
  }

  private void report() {
    if (!unreported.isEmpty()) {
      BitSet read = unreported;
      unreported = new BitSet();
      broker.done(digest, read);
    }
  }

  /** Gives back what of these pieces is leased. */
  void release(BitSet some) {
    BitSet ours = (BitSet) some.clone();
    ours.and(leased);
    if (!ours.isEmpty()) {
      leased.andNot(ours);
      broker.release(digest, ours);
    }
  }

  /** The transfer ends: nothing is read any more. */
  void end() {
    report();
    release((BitSet) leased.clone());
  }
}
