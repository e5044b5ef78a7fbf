package dev.longshore.cli.admin;

import java.util.OptionalDouble;

/** A page in the Prometheus text format (exposition formats, "Text-based format"). */
final class MetricsPage {
  private MetricsPage() {}

  /** The sum of the samples of one name over all their labels; empty when there is no sample. */
  static OptionalDouble sum(String page, String name) {
    double sum = 0;
    boolean found = false;
    for (String line : page.lines().toList()) {
      if (!line.startsWith(name)) {
        continue;
      }
      String rest = line.substring(name.length());
      if (rest.startsWith("{")) {
        rest = rest.substring(rest.lastIndexOf('}') + 1);
      } else if (!rest.startsWith(" ")) {
        continue; // a longer name
      }
      sum += Double.parseDouble(rest.strip().split(" ", 2)[0]);
      found = true;
    }
    return found ? OptionalDouble.of(sum) : OptionalDouble.empty();
  }
}
