package dev.longshore.lazy.snapshot;

import java.util.Map;
import java.util.Optional;

/**
 * Who owns the root directory of a snapshot for a container with a user namespace.
 *
 * @param uid on the host, of the container's root
 * @param gid on the host, of the container's root
 */
record IdMapping(int uid, int gid) {

  /**
   * Reads the mapping labels: {@code CONTAINER:HOST:SIZE}, several separated by commas.
   *
   * @return empty when there are none
   * @throws SnapshotException if they are malformed, or do not map the container's root
   */
  static Optional<IdMapping> of(Map<String, String> labels) throws SnapshotException {
    String uids = labels.get(Labels.UID_MAPPING);
    String gids = labels.get(Labels.GID_MAPPING);
    if (uids == null && gids == null) {
      return Optional.empty();
    }
    return Optional.of(
        new IdMapping(
            hostOfRoot(Labels.UID_MAPPING, uids == null ? "" : uids),
            hostOfRoot(Labels.GID_MAPPING, gids == null ? "" : gids)));
  }

  private static int hostOfRoot(String label, String mappings) throws SnapshotException {
    for (String mapping : mappings.split(",", -1)) {
      String[] numbers = mapping.strip().split(":", -1);
      if (numbers.length == 3) {
        try {
          long container = Long.parseLong(numbers[0]);
          int host = Integer.parseUnsignedInt(numbers[1]);
          if (container == 0 && Long.parseLong(numbers[2]) > 0) {
            return host;
          }
          continue;
        } catch (NumberFormatException _) {
          // reported below, with all others that say nothing of root
        }
      }
      throw malformed(label, mappings);
    }
    throw malformed(label, mappings);
  }

  private static SnapshotException malformed(String label, String mappings) {
    return SnapshotException.invalidArgument(
        "label %s: expected CONTAINER:HOST:SIZE, one of them for root (0), found \"%s\""
            .formatted(label, mappings));
  }
}
