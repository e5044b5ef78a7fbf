package dev.longshore.swarm.node;

import dev.longshore.swarm.Priority;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A transfer and how urgently each of its callers wants it. Guarded by the node's table of active
 * ones.
 */
final class ClaimedTransfer {
  final BlobTransfer transfer;
  private final List<Priority> claims = new ArrayList<>();

  ClaimedTransfer(BlobTransfer transfer) {
    this.transfer = transfer;
  }

  /** A transfer is as urgent as the most urgent claim on it. */
  void claimed(Priority priority) {
    claims.add(priority);
    transfer.raiseOrLower(Collections.min(claims));
  }

  /** False if it was the last claim. */
  boolean unclaimed(Priority priority) {
    claims.remove(priority);
    if (claims.isEmpty()) {
      return false;
    }
    transfer.raiseOrLower(Collections.min(claims));
    return true;
  }
}
