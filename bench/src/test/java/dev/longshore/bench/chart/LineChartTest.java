package dev.longshore.bench.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class LineChartTest {
  private static final Axis X = new Axis("nodes", 10, 1000, true, List.of(10.0, 100.0, 1000.0));
  private static final Axis Y = new Axis("s & more", 0, 2, false, List.of(0.0, 1.5));

  @Test
  void svg_twoCharts_isXmlWithEachLine() throws Exception {
    Line line =
        new Line("p50 < p99", List.of(new Line.Point(10, 0), new Line.Point(1000, 2)), false);
    LineChart chart = new LineChart("title", X, Y, List.of(line));
    String svg = LineChart.svg(List.of(chart, chart));
    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    assertThat(document.getElementsByTagName("polyline").getLength()).isEqualTo(2);
    assertThat(svg)
        .contains("points=\"60.0,290.0 440.0,40.0\"")
        .contains("1,000")
        .contains(">1.5<");
  }

  @Test
  void position_onALogarithmicAxis_goesByFactors() {
    assertThat(X.position(100)).isEqualTo(0.5);
    assertThat(X.position(1)).isZero();
    assertThat(X.position(10_000)).isEqualTo(1);
  }

  @Test
  void axis_thatEndsWhereItBegins_isRefused() {
    assertThatThrownBy(() -> new Axis("x", 1, 1, false, List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Axis("x", 0, 1, true, List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
