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

  /** NaN of none. */
  public double least() {
    return values.stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN);
  }
}
