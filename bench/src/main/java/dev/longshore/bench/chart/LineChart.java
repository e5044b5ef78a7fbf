package dev.longshore.bench.chart;

import static java.util.Locale.ROOT;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.List;

/**
 * Lines over a common axis.
 *
 * @param title above them
 */
public record LineChart(String title, Axis x, Axis y, List<Line> lines) {
  static final int WIDTH = 460;
  static final int HEIGHT = 340;

  private static final int LEFT = 60;
  private static final int RIGHT = 20;
  private static final int TOP = 40;
  private static final int BOTTOM = 50;

  /** Distinct for the colour-blind (Okabe and Ito 2008). */
  private static final List<String> COLOURS = List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7");

  /** Takes a copy of the lines. */
  public LineChart {
    lines = List.copyOf(lines);
  }

  /** One SVG document with charts beside each other. */
  public static String svg(List<LineChart> charts) {
    StringBuilder out = new StringBuilder();
    int width = WIDTH * charts.size();
    out.append(
        String.format(
            ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                + " viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">\n",
            width,
            HEIGHT,
            width,
            HEIGHT));
    out.append(
        String.format(ROOT, "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>\n", width, HEIGHT));
    for (int i = 0; i < charts.size(); i++) {
      out.append(String.format(ROOT, "<g transform=\"translate(%d 0)\">\n", i * WIDTH));
      charts.get(i).draw(out);
      out.append("</g>\n");
    }
    return out.append("</svg>\n").toString();
  }

  private void draw(StringBuilder out) {
    text(out, LEFT, TOP - 18, "start", title, "font-weight=\"bold\"");
    for (double tick : x.ticks()) {
      stroke(out, acrossX(tick), TOP, acrossX(tick), HEIGHT - BOTTOM, "#dddddd");
      text(out, acrossX(tick), HEIGHT - BOTTOM + 16, "middle", name(tick), "");
    }
    for (double tick : y.ticks()) {
      stroke(out, LEFT, upY(tick), WIDTH - RIGHT, upY(tick), "#dddddd");
      text(out, LEFT - 6, upY(tick) + 4, "end", name(tick), "");
    }
    double middle = (LEFT + WIDTH - RIGHT) / 2.0;
    text(out, middle, HEIGHT - 12, "middle", x.label(), "");
    double centre = (TOP + HEIGHT - BOTTOM) / 2.0;
    String turned = String.format(ROOT, "transform=\"rotate(-90 16 %.1f)\"", centre);
    text(out, 16, centre, "middle", y.label(), turned);
    for (int i = 0; i < lines.size(); i++) {
      draw(out, lines.get(i), i);
    }
  }

  private void draw(StringBuilder out, Line line, int index) {
    String colour = line.dashed() ? "#555555" : COLOURS.get(index % COLOURS.size());
    String style =
        String.format(
            ROOT,
            "fill=\"none\" stroke=\"%s\" stroke-width=\"2\"%s",
            colour,
            line.dashed() ? " stroke-dasharray=\"5 4\"" : "");
    StringBuilder points = new StringBuilder();
    for (Line.Point point : line.points()) {
      points.append(String.format(ROOT, "%.1f,%.1f ", acrossX(point.x()), upY(point.y())));
    }
    out.append(
        String.format(ROOT, "<polyline points=\"%s\" %s/>\n", points.toString().strip(), style));
    int at = HEIGHT - BOTTOM - 12 - 16 * (lines.size() - 1 - index);
    out.append(
        String.format(ROOT, "<path d=\"M%d %d h20\" %s/>\n", WIDTH - RIGHT - 150, at - 4, style));
    text(out, WIDTH - RIGHT - 124, at, "start", line.name(), "");
  }

  private double acrossX(double value) {
    return LEFT + x.position(value) * (WIDTH - LEFT - RIGHT);
  }

  private double upY(double value) {
    return HEIGHT - BOTTOM - y.position(value) * (HEIGHT - TOP - BOTTOM);
  }

  private static void stroke(
      StringBuilder out, double x1, double y1, double x2, double y2, String colour) {
    out.append(
        String.format(
            ROOT, "<path d=\"M%.1f %.1f L%.1f %.1f\" stroke=\"%s\"/>\n", x1, y1, x2, y2, colour));
  }

  private static void text(
      StringBuilder out, double x, double y, String anchor, String words, String more) {
    out.append(
        String.format(
            ROOT,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" %s>%s</text>\n",
            x,
            y,
            anchor,
            more,
            escaped(words)));
  }

  private static String escaped(String words) {
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  /** A value without digits that say nothing. */
  private static String name(double value) {
    return new DecimalFormat("#,##0.###", DecimalFormatSymbols.getInstance(ROOT)).format(value);
  }
}
