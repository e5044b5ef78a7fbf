package dev.longshore.bench.measure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.LinkedHashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How figures are put together and shown. */
final class TableTest {

  @Test
  void print_cellsOfAnyWidth_areAligned() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new Table("what", "ours", "")
        .row("req/s", Table.figure(41_234.4), Table.ratio(41_234.4, 1_400))
        .row("GB/s", Table.figure(1.531), Table.ratio(1.531, Double.NaN))
        .print(new PrintStream(out, true, UTF_8));
    assertThat(out.toString(UTF_8))
        .isEqualTo(
            """
            what     ours
            ----------------------
            req/s  41,234  29.45 ×
            GB/s     1.53        -
            """);
  }

  @Test
  void median_oddEvenAndNone_isTheMiddle() {
    Samples samples = new Samples();
    assertThat(samples.median()).isNaN();
    for (double value : List.of(9.0, 1.0, 4.0)) {
      samples.add(value);
    }
    assertThat(samples.median()).isEqualTo(4);
    samples.add(100);
    assertThat(samples.median()).isEqualTo(6.5);
  }

  @Test
  void missing_severalPackages_areAllNamed() {
    assertThat(Tools.missing(new LinkedHashSet<>(List.of("wrk", "nginx-light"))))
        .hasMessage(
            "needs the Debian packages wrk nginx-light, which this machine lacks:"
                + " apt-get install wrk nginx-light");
  }
}
