package dev.longshore.agent.blob;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.node.Traffic;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The account of one blob's way to this node: from whom how much came. Thread-safe. */
final class Transfer {

  /** How a transfer stands. */
  enum State {
    RUNNING,
    COMPLETE,
    STOPPED,
    FAILED
  }

  private final Digest digest;
  private final long size;
  private final SourceRef source;
  private final Instant started;
  private final long startedNanos = System.nanoTime();
  private final AtomicLong direct = new AtomicLong();
  private volatile Supplier<Traffic> counted = () -> new Traffic(0, 0, 0);
  private volatile State state = State.RUNNING;
  private volatile long nanos;
  private volatile @Nullable String reason;

  Transfer(Digest digest, long size, SourceRef source, Instant started) {
    this.digest = digest;
    this.size = size;
    this.source = source;
    this.started = started;
  }

  /** What a download of this blob counts by itself is part of this account from now on. */
  void count(Supplier<Traffic> traffic) {
    counted = traffic;
  }

  /** Bytes read at the source outside the swarm. */
  void readAtSource(long bytes) {
    direct.addAndGet(bytes);
  }

  /** Ends the account; later calls change nothing. */
  synchronized void end(State how, @Nullable String why) {
    if (state != State.RUNNING) {
      return;
    }
    Traffic last = counted.get();
    counted = () -> last;
    nanos = System.nanoTime() - startedNanos;
    reason = why;
    state = how;
  }

  Digest digest() {
    return digest;
  }

  boolean running() {
    return state == State.RUNNING;
  }

  Traffic traffic() {
    Traffic fromSwarm = counted.get();
    return new Traffic(
        fromSwarm.fromSource() + direct.get(), fromSwarm.fromSeeders(), fromSwarm.fromPeers());
  }

  TransferReport report() {
    Traffic traffic = traffic();
    long elapsed = running() ? System.nanoTime() - startedNanos : nanos;
    return new TransferReport(
        digest.toString(),
        size,
        source.toString(),
        state.name().toLowerCase(java.util.Locale.ROOT),
        started.toString(),
        elapsed / 1_000_000,
        traffic.fromSource(),
        traffic.fromSeeders(),
        traffic.fromPeers(),
        reason);
  }
}
