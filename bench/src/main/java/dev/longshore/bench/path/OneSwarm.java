package dev.longshore.bench.path;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.discovery.LeaseBroker;
import dev.longshore.swarm.discovery.PeerSource;
import java.time.Duration;
import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A swarm of one other member, or of none, that may read all of the source. Thread-safe. */
final class OneSwarm implements PeerSource, LeaseBroker {
  private static final Duration VALIDITY = Duration.ofMinutes(10);
  private static final Duration RETRY = Duration.ofSeconds(1);

  private volatile @Nullable PeerAddress other;

  /** Whom downloads find from now on. */
  void set(Optional<PeerAddress> peer) {
    other = peer.orElse(null);
  }

  @Override
  public Registration join(Digest blob, long size, SourceRef source, PeerSink sink) {
    PeerAddress peer = other;
    if (peer != null) {
      sink.found(peer);
    }
    return new Registration() {
      @Override
      public void progress(int held, int pieces) {}

      @Override
      public void close() {}
    };
  }

  @Override
  public CompletableFuture<LeaseReply> request(Digest blob, int pieces, BitSet wanted, int max) {
    BitSet granted = new BitSet();
    int left = max;
    for (int piece = wanted.nextSetBit(0);
        piece >= 0 && left > 0;
        piece = wanted.nextSetBit(piece + 1)) {
      granted.set(piece);
      left--;
    }
    return CompletableFuture.completedFuture(new LeaseReply(granted, VALIDITY, RETRY));
  }

  @Override
  public void done(Digest blob, BitSet pieces) {}

  @Override
  public void release(Digest blob, BitSet pieces) {}
}
