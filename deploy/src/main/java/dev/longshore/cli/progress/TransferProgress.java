package dev.longshore.cli.progress;

import dev.longshore.oci.Descriptor;
import dev.longshore.oci.Digest;
import dev.longshore.oci.layout.TransferListener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The account of a push, a pull or the fetching of a blob. Thread-safe. */
public final class TransferProgress implements TransferListener {

  /** How one blob came. */
  record BlobOutcome(Descriptor blob, Outcome outcome) {}

  private final LongSupplier nanoClock;
  private final @Nullable AgentFigures figures;
  private final long start;
  private final Map<Digest, Long> done = new HashMap<>(); // guarded by this
  private final Map<Digest, Long> kept = new HashMap<>(); // guarded by this: from earlier runs
  private final Map<Digest, BlobOutcome> outcomes = new LinkedHashMap<>(); // guarded by this
  private final RecentRate rate = new RecentRate(); // guarded by this
  private long total; // guarded by this
  private boolean planned; // guarded by this

  /**
   * An account that begins now.
   *
   * @param figures tells where bytes come from; null when nobody does
   */
  public TransferProgress(LongSupplier nanoClock, @Nullable AgentFigures figures) {
    this.nanoClock = nanoClock;
    this.figures = figures;
    this.start = nanoClock.getAsLong();
    synchronized (this) {
      var _ = rate.at(start, 0);
    }
  }

  @Override
  public void planned(List<Descriptor> blobs) {
    if (figures != null) {
      figures.begin(blobs);
    }
    synchronized (this) {
      total = blobs.stream().mapToLong(Descriptor::size).sum();
      planned = true;
    }
  }

  @Override
  public synchronized void resumed(Descriptor blob, long had) {
    kept.put(blob.digest(), had);
    done.put(blob.digest(), had);
  }

  @Override
  public synchronized void progress(Descriptor blob, long bytes) {
    done.put(blob.digest(), bytes);
  }

  @Override
  public synchronized void finished(Descriptor blob, Outcome outcome) {
    done.put(blob.digest(), blob.size());
    if (outcome != Outcome.TRANSFERRED) {
      kept.put(blob.digest(), blob.size());
    }
    outcomes.put(blob.digest(), new BlobOutcome(blob, outcome));
  }

  /** Asks the agent again; blocks for its answer. */
  void refreshOrigins() {
    if (figures != null) {
      figures.refresh();
    }
  }

  /** As above, until the agent has counted everything, or for a short while. */
  void settleOrigins() {
    if (figures != null) {
      figures.settle();
    }
  }

  /** The state now; empty while it is not known yet what there is to do. */
  synchronized Optional<ProgressSnapshot> snapshot() {
    if (!planned) {
      return Optional.empty();
    }
    long sum = done.values().stream().mapToLong(Long::longValue).sum();
    long received = Math.max(0, sum - kept.values().stream().mapToLong(Long::longValue).sum());
    long now = nanoClock.getAsLong();
    Optional<ByteOrigins> origins =
        figures == null
            ? Optional.empty()
            : figures.origins().map(from -> from.withStoreFor(received));
    return Optional.of(
        new ProgressSnapshot(total, sum, received, now - start, rate.at(now, received), origins));
  }

  /** The blobs that are over, in the order in which they were. */
  synchronized List<BlobOutcome> outcomes() {
    return new ArrayList<>(outcomes.values());
  }
}
