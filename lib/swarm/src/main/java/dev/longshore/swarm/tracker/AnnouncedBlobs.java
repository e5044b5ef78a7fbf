package dev.longshore.swarm.tracker;

import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Of which blobs one tracker is told: no more than it takes. Owned by the client's loop thread. */
final class AnnouncedBlobs {
  /*
   * What is being downloaded has to be announced: peers and leases are for members only. A blob that
   * is here whole is announced for the sake of others, so the eldest of those make way when there
   * are too many, and come back, the youngest first, when there is room.
   */

  private final int most;
  private final Set<JoinedBlob> told = new LinkedHashSet<>();
  private final SequencedSet<JoinedBlob> leftOut = new LinkedHashSet<>();

  AnnouncedBlobs(int most) {
    this.most = most;
  }

  boolean contains(JoinedBlob blob) {
    return told.contains(blob);
  }

  /** How many there was no room for. */
  int leftOut() {
    return leftOut.size();
  }

  /**
   * A blob is to be announced.
   *
   * @return one that made way, whose announcement is to be withdrawn; null: none
   */
  @Nullable JoinedBlob add(JoinedBlob blob) {
    if (told.contains(blob)) {
      return null;
    }
    JoinedBlob eldest = told.size() < most ? null : eldestWhole();
    leftOut.remove(blob);
    if (told.size() >= most && eldest == null) {
      leftOut.add(blob);
      return null;
    }
    if (eldest != null) {
      told.remove(eldest);
      leftOut.add(eldest);
    }
    told.add(blob);
    return eldest;
  }

  private @Nullable JoinedBlob eldestWhole() {
    for (JoinedBlob blob : told) {
      if (blob.isWhole()) {
        return blob;
      }
    }
    return null;
  }

  /**
   * A blob is announced no more.
   *
   * @return one that there is room for now and that is to be announced; null: none
   */
  @Nullable JoinedBlob remove(JoinedBlob blob) {
    leftOut.remove(blob);
    if (!told.remove(blob) || leftOut.isEmpty()) {
      return null;
    }
    JoinedBlob youngest = leftOut.removeLast();
    told.add(youngest);
    return youngest;
  }
}
