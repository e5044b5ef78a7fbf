package dev.longshore.lazy.snapshot;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What an update makes of labels; containerd core/snapshots/storage, UpdateInfo. */
final class LabelUpdate {
  private static final String ALL = "labels";
  private static final String ONE = "labels.";

  private LabelUpdate() {}

  static Map<String, String> of(
      Map<String, String> before, Map<String, String> given, List<String> fields)
      throws SnapshotException {
    if (fields.isEmpty()) {
      return given;
    }
    Map<String, String> labels = new HashMap<>(before);
    for (String field : fields) {
      if (field.equals(ALL)) {
        labels = new HashMap<>(given);
      } else if (field.startsWith(ONE)) {
        String key = field.substring(ONE.length());
        labels.put(key, given.getOrDefault(key, "")); // empty: removed
      } else {
        throw SnapshotException.invalidArgument("field \"" + field + "\" cannot be updated");
      }
    }
    return labels;
  }
}
