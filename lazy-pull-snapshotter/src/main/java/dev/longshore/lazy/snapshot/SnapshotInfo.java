package dev.longshore.lazy.snapshot;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * What containerd may know of a snapshot.
 *
 * @param name unique over all namespaces; until a commit, this is called the key
 * @param parent the name of the committed snapshot that it lies on; empty for none
 * @param created when it was made, or committed
 * @param updated when its labels last changed
 * @param labels never with an empty value: to set one is to remove the label, as in containerd
 */
public record SnapshotInfo(
    String name,
    String parent,
    Kind kind,
    Instant created,
    Instant updated,
    Map<String, String> labels) {

  public SnapshotInfo {
    var kept = new TreeMap<>(labels);
    kept.values().removeIf(String::isEmpty);
    labels = Map.copyOf(kept);
  }

  SnapshotInfo withLabels(Map<String, String> changed, Instant now) {
    return new SnapshotInfo(name, parent, kind, created, now, changed);
  }
}
