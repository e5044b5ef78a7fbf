package dev.longshore.bench.measure;

import java.util.ArrayList;
import java.util.List;

/** Figures of the same thing, one a round. */
public final class Samples {
  private final List<Double> values = new ArrayList<>();

  public void add(double value) {
    values.add(value);
  }

  /** The middle one, or the mean of the middle two; NaN of none. */
  public double median() {
    if (values.isEmpty()) {
      return Double.NaN;
    }
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /**
   * The smallest one that so large a share of all are not above; NaN of none.
   *
   * @param share above 0, up to 1: 0.99 for the 99th percentile
   */
  public double percentile(double share) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.isEmpty() ? Double.NaN : sorted.get((int) Math.ceil(share * sorted.size()) - 1);
  }

  /** NaN of none. */
  public double least() {
    return values.stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN);
  }
}
