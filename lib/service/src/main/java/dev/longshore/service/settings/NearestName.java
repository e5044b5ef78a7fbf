package dev.longshore.service.settings;

import java.util.Collection;
import java.util.Comparator;
import java.util.stream.Collectors;

/** Finds what someone who mistyped a name most likely meant. */
final class NearestName {

  private NearestName() {}

  /** "; did you mean X?" when a known name is near, else the list of known names. */
  static String hint(String typed, Collection<String> known, String prefix) {
    return known.stream()
        .min(Comparator.comparingInt(name -> distance(typed, name)))
        .filter(name -> distance(typed, name) <= Math.max(2, typed.length() / 3))
        .map(name -> "; did you mean " + prefix + name + "?")
        .orElseGet(() ->
            "; known settings: "
                + known.stream().map(prefix::concat).collect(Collectors.joining(", ")));
  }

  /** Levenshtein distance, with a swap of neighbours counted as one edit. */
  static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      d[i][0] = i;
    }
    for (int j = 0; j <= b.length(); j++) {
      d[0][j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      for (int j = 1; j <= b.length(); j++) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + change);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
