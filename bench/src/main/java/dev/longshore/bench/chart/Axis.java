package dev.longshore.bench.chart;

import java.util.List;

/**
 * One axis of a chart.
 *
 * @param label what it shows, with its unit
 * @param from the value where it begins
 * @param to the value where it ends
 * @param logarithmic whether equal factors are equally long, instead of equal differences
 * @param ticks the values that are named
 */
public record Axis(String label, double from, double to, boolean logarithmic, List<Double> ticks) {

  /** Checks the range. */
  public Axis {
    if (!(from < to) || (logarithmic && from <= 0)) {
      throw new IllegalArgumentException("an axis from " + from + " to " + to);
    }
    ticks = List.copyOf(ticks);
  }

  /**
   * Where on the axis a value is, 0 at its begin and 1 at its end; outside is at the nearer end.
   */
  double position(double value) {
    double part =
        logarithmic ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);
    return Math.clamp(part, 0, 1);
  }
}
