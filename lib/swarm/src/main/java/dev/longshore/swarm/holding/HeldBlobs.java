package dev.longshore.swarm.holding;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.SourceRef;
import dev.longshore.swarm.discovery.PeerSource;
import dev.longshore.swarm.store.PieceStore;
import dev.longshore.swarm.store.PieceStore.BlobSummary;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps the others told of what the store holds, wholly or in part, so that they fetch it from
 * here: what an earlier run left, and what downloads leave when they end. Blobs that were evicted
 * are withdrawn. Of the blobs that the store will have to evict soon, it asks the others how many
 * of them have each.
 *
 * <p>One virtual thread compares the store's list with what was announced, now and then and when
 * something changed.
 */
public final class HeldBlobs implements AutoCloseable {
  /** Of so many blobs the holders are counted at a time. */
  private static final int COUNTED = 64;

  /** Between two looks at the store: the small blobs of an image end within milliseconds. */
  private static final Duration PAUSE = Duration.ofMillis(200);

  private record Announced(PeerSource.Registration registration, int held) {}

  private final PieceStore store;
  private final PeerSource peers;
  private final SourceBook sources;
  private final Duration every;
  private final Thread thread;
  private final Map<Digest, Announced> announced = new HashMap<>(); // owned by the thread
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition change = lock.newCondition();
  private boolean changed = true; // guarded by lock

  /** Of blobs that may have to go soon. */
  private final Map<Digest, Integer> otherHolders = new ConcurrentHashMap<>();

  private HeldBlobs(PieceStore store, PeerSource peers, SourceBook sources, Duration every) {
    this.store = store;
    this.peers = peers;
    this.sources = sources;
    this.every = every;
    this.thread = Thread.ofVirtual().name("held-blobs").unstarted(this::run);
  }

  /**
   * Starts to announce.
   *
   * @param sources a blob is announced only when it is known where it came from
   * @param every how often the store's list is looked at without a {@link #changed}
   */
  public static HeldBlobs start(
      PieceStore store, PeerSource peers, SourceBook sources, Duration every) {
    HeldBlobs held = new HeldBlobs(store, peers, sources, every);
    store.countHoldersBy(blob -> held.otherHolders.getOrDefault(blob, 0));
    held.thread.start();
    var _ = store.recovered().whenComplete((done, failure) -> held.changed());
    return held;
  }

  /** A download ended, or a blob was put into the store: look now. */
  public void changed() {
    lock.lock();
    try {
      changed = true;
      change.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      while (true) {
        awaitChange();
        announceAll();
        countHolders();
        Thread.sleep(PAUSE);
      }
    } catch (InterruptedException e) {
      announced.values().forEach(blob -> blob.registration.close());
      announced.clear();
    }
  }

  private void awaitChange() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = every.toNanos();
      while (!changed && left > 0) {
        left = change.awaitNanos(left);
      }
      changed = false;
    } finally {
      lock.unlock();
    }
  }

  /** What is known of blobs that have gone, or were used again, is forgotten. */
  private void countHolders() {
    List<Digest> next = store.nextToGo(COUNTED);
    otherHolders.keySet().retainAll(Set.copyOf(next));
    if (!next.isEmpty()) {
      peers.countHolders(next, otherHolders::put);
    }
  }

  private void announceAll() throws InterruptedException {
    Set<Digest> present = new HashSet<>();
    for (BlobSummary blob : store.list()) {
      Optional<SourceRef> source = sources.source(blob.digest());
      if (source.isPresent() && blob.held() > 0) {
        present.add(blob.digest());
        announce(blob, source.get());
      }
    }
    announced
        .entrySet()
        .removeIf(entry -> {
          boolean gone = !present.contains(entry.getKey());
          if (gone) {
            entry.getValue().registration.close();
          }
          return gone;
        });
    if (Thread.interrupted()) {
      throw new InterruptedException("closed");
    }
  }

  private void announce(BlobSummary blob, SourceRef source) {
    Announced before = announced.get(blob.digest());
    if (before != null && before.held == blob.held()) {
      return;
    }
    PeerSource.Registration registration =
        before == null
            ? peers.join(blob.digest(), blob.size(), source, peer -> {})
            : before.registration;
    registration.progress(blob.held(), blob.pieces());
    announced.put(blob.digest(), new Announced(registration, blob.held()));
  }

  /** Withdraws everything. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
