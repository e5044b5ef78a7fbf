package dev.longshore.swarm.tracker;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.discovery.PeerSource;
import dev.longshore.swarm.discovery.PeerSource.PeerSink;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** One caller's part in the swarm of a blob; several may have one in the same. Thread-safe. */
final class JoinedSwarm implements PeerSource.Registration {
  private static final Duration PROGRESS_INTERVAL = Duration.ofMillis(500);

  private final Digest blob;
  private final PeerSink sink;
  private final Map<Digest, JoinedBlob> blobs; // owned by the loop
  private final ClientLoop loop;
  private final AtomicLong progress = new AtomicLong(); // held in the high half, pieces in the low
  private final AtomicBoolean untold = new AtomicBoolean();
  private final AtomicBoolean left = new AtomicBoolean();

  JoinedSwarm(Digest blob, PeerSink sink, Map<Digest, JoinedBlob> blobs, ClientLoop loop) {
    this.blob = blob;
    this.sink = sink;
    this.blobs = blobs;
    this.loop = loop;
  }

  @Override
  public void progress(int held, int pieces) {
    progress.set((long) held << 32 | pieces);
    boolean complete = held == pieces;
    if (untold.compareAndSet(false, true) || complete) {
      // Being a complete holder is news; the rest may wait and be told together.
      loop.later(this::tellProgress, complete ? Duration.ZERO : PROGRESS_INTERVAL);
    }
  }

  private void tellProgress() {
    JoinedBlob joined = blobs.get(blob);
    if (joined == null || left.get()) {
      return;
    }
    if (joined.owners.stream().anyMatch(owner -> owner.isConnected() && !owner.isReady())) {
      loop.later(this::tellProgress, PROGRESS_INTERVAL);
      return;
    }
    untold.set(false);
    long now = progress.get();
    joined.progress((int) (now >>> 32), (int) now);
    joined.announce();
  }

  @Override
  public void close() {
    if (left.compareAndSet(false, true)) {
      loop.post(() -> {
        JoinedBlob joined = blobs.get(blob);
        if (joined != null && joined.remove(sink)) {
          blobs.remove(blob);
          joined.tell(new MemberMessage.Withdraw(blob));
          long now = System.nanoTime();
          joined.owners.forEach(owner -> owner.left(joined, now));
        }
      });
    }
  }
}
