package dev.longshore.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

/** The command line of the benchmarks. */
final class BenchMainTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... arguments) {
    return BenchMain.run(
        arguments, new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
  }

  @Test
  void run_nothing_printsUsageAndFails() {
    assertThat(run()).isEqualTo(2);
    assertThat(out.toString(UTF_8))
        .contains("longshore bench NAME", "  pieces ", "  small ", "  layer ", "  chart ");
  }

  @Test
  void run_help_printsUsage() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString(UTF_8)).contains("beside CNCF distribution and nginx");
  }

  @Test
  void run_unknownBenchmark_namesIt() {
    assertThat(run("orgin")).isEqualTo(2);
    assertThat(err.toString(UTF_8)).contains("there is no benchmark 'orgin'");
  }

  @Test
  void run_helpOfEach_showsItsSettings() {
    assertThat(run("pieces", "--help")).isZero();
    assertThat(run("store", "--help")).isZero();
    assertThat(run("origin", "--help")).isZero();
    assertThat(run("start", "--help")).isZero();
    assertThat(run("path", "--help")).isZero();
    assertThat(run("transport", "--help")).isZero();
    assertThat(run("swarm", "--help")).isZero();
    assertThat(run("small", "--help")).isZero();
    assertThat(run("layer", "--help")).isZero();
    assertThat(run("sim", "--help")).isZero();
    assertThat(out.toString(UTF_8))
        .contains(
            "--rounds",
            "--blobs",
            "--push",
            "--idle",
            "--transport",
            "--traffic",
            "--agents",
            "--cap",
            "--layers",
            "--scenario");
  }

  @Test
  void run_unknownSetting_namesTheNearest() {
    assertThat(run("swarm", "--agent", "3")).isEqualTo(2);
    assertThat(err.toString(UTF_8)).contains("--agents");
  }

  @Test
  void run_settingOutOfRange_saysTheRange() {
    assertThat(run("swarm", "--agents", "0")).isEqualTo(2);
    assertThat(run("swarm", "--rounds", "0")).isEqualTo(2);
    assertThat(run("store", "--blobs", "9")).isEqualTo(2);
    assertThat(err.toString(UTF_8))
        .contains("1 to 64, found 0", "1 to 100, found 0", "10 to 5000, found 9");
  }
}
