package dev.longshore.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.service.settings.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class DaemonSettingsTest {

  @Test
  void load_nothingGiven_defaults() {
    assertThat(Settings.load(DaemonSettings.class))
        .isEqualTo(new DaemonSettings(LogLevel.INFO, Optional.empty(), Duration.ofSeconds(30)))
        .isEqualTo(DaemonSettings.defaults());
  }

  @Test
  void load_everythingGiven_mapped() {
    assertThat(
            Settings.load(
                DaemonSettings.class, "--log-level=debug", "--ports-file=ports", "--stop-grace=2s"))
        .isEqualTo(
            new DaemonSettings(
                LogLevel.DEBUG, Optional.of(Path.of("ports")), Duration.ofSeconds(2)));
  }
}
