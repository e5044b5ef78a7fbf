package dev.longshore.swarm;

import java.util.List;

/**
 * Where a member is, from the widest to the narrowest: REGION/ZONE/RACK.
 *
 * @param labels the parts; empty when unknown
 */
public record Zone(List<String> labels) {
  public static final Zone NONE = new Zone(List.of());
  private static final int LEVELS = 3;

  /** Reads what {@link #toString} writes; an empty text is nowhere. */
  public static Zone parse(String text) {
    return text.isEmpty() ? NONE : new Zone(List.of(text.split("/", LEVELS)));
  }

  /** How many leading labels two places share: the more, the nearer. */
  public int nearness(Zone other) {
    int common = Math.min(labels.size(), other.labels.size());
    for (int level = 0; level < common; level++) {
      if (!labels.get(level).equals(other.labels.get(level))) {
        return level;
      }
    }
    return common;
  }

  /** Whether traffic between the two leaves a zone; places that say nothing are all in one. */
  public boolean isFar(Zone other) {
    return nearness(other) < Math.min(2, Math.max(labels.size(), other.labels.size()));
  }

  @Override
  public String toString() {
    return String.join("/", labels);
  }
}
