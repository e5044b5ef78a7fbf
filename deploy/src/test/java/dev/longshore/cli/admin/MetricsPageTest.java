package dev.longshore.cli.admin;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MetricsPageTest {
  private static final String PAGE =
      """
      # HELP sent_bytes_total Bytes of bodies sent
      # TYPE sent_bytes_total counter
      sent_bytes_total 1.5E3
      sent_bytes_total_other 7
      by_label{kind="a } b",code="200"} 2.0
      by_label{kind="c"} 3 1700000000
      """;

  @Test
  void sum_plainSample_ignoresLongerNamesAndComments() {
    assertThat(MetricsPage.sum(PAGE, "sent_bytes_total")).hasValue(1500);
  }

  @Test
  void sum_labels_addsThemUp() {
    assertThat(MetricsPage.sum(PAGE, "by_label")).hasValue(5);
  }

  @Test
  void sum_unknownName_isEmpty() {
    assertThat(MetricsPage.sum(PAGE, "nothing")).isEmpty();
  }
}
