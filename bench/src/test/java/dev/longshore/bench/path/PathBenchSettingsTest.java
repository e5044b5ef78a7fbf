package dev.longshore.bench.path;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.service.net.RateLimit;
import dev.longshore.service.net.Transport;
import dev.longshore.service.settings.Settings;
import dev.longshore.service.settings.SettingsException;
import dev.longshore.service.unit.DataSize;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PathBenchSettingsTest {

  private static PathBenchSettings parse(String... arguments) {
    return Settings.parse(List.of(PathBenchSettings.class), arguments).get(PathBenchSettings.class);
  }

  @Test
  void parse_nothing_hasDefaults() {
    assertThat(parse())
        .isEqualTo(
            new PathBenchSettings(
                DataSize.parse("2GiB"),
                3,
                List.of(Transport.Kind.EPOLL, Transport.Kind.NIO, Transport.Kind.IO_URING),
                RateLimit.UNLIMITED));
  }

  @Test
  void parse_eachSetting_isTaken() {
    assertThat(parse("--size", "1MiB", "--rounds", "2", "--transport", "nio", "--cap", "20MB/s"))
        .isEqualTo(
            new PathBenchSettings(
                DataSize.parse("1MiB"), 2, List.of(Transport.Kind.NIO), RateLimit.parse("20MB/s")));
  }

  @Test
  void parse_noRounds_saysTheRange() {
    assertThatThrownBy(() -> parse("--rounds", "0"))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("1 to 100, found 0");
  }
}
