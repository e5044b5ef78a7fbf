package dev.longshore.bench.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.service.settings.Settings;
import dev.longshore.service.settings.SettingsException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class StartBenchSettingsTest {

  private static StartBenchSettings parse(String... arguments) {
    return Settings.parse(List.of(StartBenchSettings.class), arguments)
        .get(StartBenchSettings.class);
  }

  @Test
  void parse_nothing_hasDefaults() {
    assertThat(parse()).isEqualTo(new StartBenchSettings(5, Duration.ofSeconds(30)));
  }

  @Test
  void parse_eachSetting_isTaken() {
    assertThat(parse("--rounds", "2", "--idle", "3s"))
        .isEqualTo(new StartBenchSettings(2, Duration.ofSeconds(3)));
  }

  @Test
  void parse_noRounds_saysTheRange() {
    assertThatThrownBy(() -> parse("--rounds", "0"))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("1 to 100, found 0");
  }
}
