package dev.longshore.swarm.node;

import dev.longshore.swarm.Priority;
import dev.longshore.swarm.engine.Event;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A transfer, how urgently each of its callers wants it, and how much of it. Guarded by the node's
 * table of active ones.
 */
final class ClaimedTransfer {
  final BlobTransfer transfer;
  private final List<Priority> claims = new ArrayList<>();
  private int whole;
  private boolean everything = true; // as a transfer begins

  ClaimedTransfer(BlobTransfer transfer) {
    this.transfer = transfer;
  }

  /** A transfer is as urgent as the most urgent claim on it, and whole if one of them is. */
  void claimed(Priority priority, Scope scope) {
    claims.add(priority);
    whole += scope == Scope.WHOLE ? 1 : 0;
    tell();
  }

  /** False if it was the last claim. */
  boolean unclaimed(Priority priority, Scope scope) {
    claims.remove(priority);
    whole -= scope == Scope.WHOLE ? 1 : 0;
    if (claims.isEmpty()) {
      return false;
    }
    tell();
    return true;
  }

  private void tell() {
    transfer.raiseOrLower(Collections.min(claims));
    if (everything != whole > 0) {
      everything = whole > 0;
      transfer.post(new Event.Wanted(everything));
    }
  }
}
