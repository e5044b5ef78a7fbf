package dev.longshore.bench.chart;

import java.util.List;

/**
 * One line of a chart.
 *
 * @param name in the legend
 * @param points in the order in which they are joined
 * @param dashed for what others are compared with
 */
public record Line(String name, List<Point> points, boolean dashed) {

  /** A point in units of the axes. */
  public record Point(double x, double y) {}

  /** Takes a copy of the points. */
  public Line {
    points = List.copyOf(points);
  }
}
