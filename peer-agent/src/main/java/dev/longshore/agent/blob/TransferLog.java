package dev.longshore.agent.blob;

import dev.longshore.oci.Digest;
import dev.longshore.swarm.SourceRef;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The transfers that run, and the last ones that ended. Thread-safe. */
final class TransferLog {
  private static final int ENDED_KEPT = 1_000;

  private final InstantSource clock;
  private final List<Transfer> running = new ArrayList<>(); // guarded by this
  private final ArrayDeque<Transfer> ended = new ArrayDeque<>(); // guarded by this

  TransferLog(InstantSource clock) {
    this.clock = clock;
  }

  synchronized Transfer begin(Digest digest, long size, SourceRef source) {
    sweep();
    Transfer transfer = new Transfer(digest, size, source, clock.instant());
    running.add(transfer);
    return transfer;
  }

  /** Newest last. */
  synchronized List<TransferReport> reports() {
    sweep();
    List<TransferReport> reports = new ArrayList<>();
    ended.forEach(transfer -> reports.add(transfer.report()));
    running.forEach(transfer -> reports.add(transfer.report()));
    return reports;
  }

  /** The one of this blob that began last. */
  synchronized Optional<TransferReport> latest(Digest digest) {
    return Stream.concat(running.reversed().stream(), ended.reversed().stream())
        .filter(transfer -> transfer.digest().equals(digest))
        .findFirst()
        .map(Transfer::report);
  }

  private void sweep() {
    running.removeIf(transfer -> {
      if (transfer.running()) {
        return false;
      }
      ended.add(transfer);
      return true;
    });
    while (ended.size() > ENDED_KEPT) {
      ended.remove();
    }
  }
}
