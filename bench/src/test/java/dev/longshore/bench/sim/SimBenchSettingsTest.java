package dev.longshore.bench.sim;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.service.settings.Settings;
import dev.longshore.swarm.engine.EngineSettings;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is given on the command line, over what the scenario says. */
final class SimBenchSettingsTest {

  private static SimBenchSettings parse(String... arguments) throws Exception {
    return Settings.parse(List.of(SimBenchSettings.class), arguments).get(SimBenchSettings.class);
  }

  @ParameterizedTest
  @EnumSource
  void plan_nothingGiven_isTheScenarios(Scenario scenario) throws Exception {
    String word = scenario.name().toLowerCase(Locale.ROOT).replace('_', '-');
    assertThat(parse("--scenario", word).plan()).isEqualTo(scenario.plan());
  }

  @Test
  void tuning_nothingGiven_isWhatShips() throws Exception {
    assertThat(parse().tuning()).isEqualTo(SimTuning.shipped());
    assertThat(parse().tuning().engine()).isEqualTo(EngineSettings.defaults());
  }

  @Test
  void plan_kraken_isTheirBenchmark() throws Exception {
    SimPlan plan = parse().plan();
    assertThat(plan.nodes()).isEqualTo(2600);
    assertThat(plan.size()).isEqualTo(3_000_000_000L);
    assertThat(plan.layers()).isEqualTo(2);
    assertThat(plan.rate()).isEqualTo(300_000_000L);
    assertThat(plan.lineTime()).isEqualTo(TimeUnit.SECONDS.toNanos(10));
  }

  @Test
  void plan_given_winsOverTheScenario() throws Exception {
    SimPlan plan =
        parse("--nodes", "7", "--size", "8MB", "--rate", "10MB/s", "--layers", "2", "--seed", "9")
            .plan();
    assertThat(plan.nodes()).isEqualTo(7);
    assertThat(plan.size()).isEqualTo(8_000_000);
    assertThat(plan.rate()).isEqualTo(10_000_000);
    assertThat(plan.seed()).isEqualTo(9);
  }

  @Test
  void plan_moreHoldersThanNodes_saysTheRange() throws Exception {
    SimBenchSettings settings = parse("--nodes", "5", "--holders", "5");
    assertThatThrownBy(settings::plan).hasMessageContaining("--holders must be 0 to 4, found 5");
  }

  @Test
  void run_smallSwarm_printsTheTable() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SimBench.run(
        parse("--nodes", "9", "--size", "10MB", "--scenario", "poison", "--poisoners", "0.4"),
        new PrintStream(out, true, UTF_8));
    assertThat(out.toString(UTF_8))
        .contains("bound: size ÷ capacity", "p99", "source sent", "honest nodes shut out");
  }
}
