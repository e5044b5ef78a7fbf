package dev.longshore.swarm.node;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.PeerAddress;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.discovery.LeaseBroker;
import dev.longshore.swarm.discovery.PeerSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** A tracker without a network: everybody finds everybody, a piece is leased to one at a time. */
final class InMemorySwarm {
  private record Member(Supplier<PeerAddress> address, PeerSource.PeerSink sink) {}

  private final Map<Digest, List<Member>> members = new HashMap<>();
  private final Map<Digest, BitSet> taken = new HashMap<>();
  private final Map<Digest, BitSet> outstanding = new HashMap<>();

  /** What one member sees. */
  PeerSource peersFor(Supplier<PeerAddress> self) {
    return (blob, size, source, sink) -> join(blob, new Member(self, sink));
  }

  private PeerSource.Registration join(Digest blob, Member fresh) {
    List<Member> others;
    synchronized (this) {
      List<Member> all = members.computeIfAbsent(blob, _ -> new ArrayList<>());
      others = List.copyOf(all);
      all.add(fresh);
    }
    for (Member other : others) {
      other.sink.found(fresh.address.get());
      fresh.sink.found(other.address.get());
    }
    return new PeerSource.Registration() {
      @Override
      public void progress(int held, int pieces) {}

      @Override
      public void close() {
        synchronized (InMemorySwarm.this) {
          members.getOrDefault(blob, new ArrayList<>()).remove(fresh);
        }
      }
    };
  }

  /** Makes a peer known that is no node. */
  void add(Digest blob, SourceRef source, PeerAddress peer) {
    join(blob, new Member(() -> peer, found -> {}));
  }

  synchronized int announced(Digest blob) {
    return members.getOrDefault(blob, List.of()).size();
  }

  /** Pieces that were granted and neither done nor released. */
  synchronized BitSet outstanding(Digest blob) {
    return (BitSet) outstanding.getOrDefault(blob, new BitSet()).clone();
  }

  LeaseBroker leases() {
    return new LeaseBroker() {
      @Override
      public CompletableFuture<LeaseReply> request(
          Digest blob, int pieces, BitSet wanted, int max) {
        synchronized (InMemorySwarm.this) {
          BitSet gone = taken.computeIfAbsent(blob, _ -> new BitSet());
          BitSet granted = new BitSet();
          for (int piece = wanted.nextSetBit(0);
              piece >= 0 && granted.cardinality() < max;
              piece = wanted.nextSetBit(piece + 1)) {
            if (!gone.get(piece)) {
              granted.set(piece);
            }
          }
          gone.or(granted);
          outstanding.computeIfAbsent(blob, _ -> new BitSet()).or(granted);
          return CompletableFuture.completedFuture(
              new LeaseReply(granted, Duration.ofMinutes(1), Duration.ofMillis(100)));
        }
      }

      @Override
      public void done(Digest blob, BitSet pieces) {
        synchronized (InMemorySwarm.this) {
          outstanding.getOrDefault(blob, new BitSet()).andNot(pieces);
        }
      }

      @Override
      public void release(Digest blob, BitSet pieces) {
        synchronized (InMemorySwarm.this) {
          outstanding.getOrDefault(blob, new BitSet()).andNot(pieces);
          taken.getOrDefault(blob, new BitSet()).andNot(pieces);
        }
      }
    };
  }
}
