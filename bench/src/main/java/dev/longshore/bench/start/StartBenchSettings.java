package dev.longshore.bench.start;

import dev.longshore.service.settings.Setting;
import java.time.Duration;

/** The settings of {@code bench start}. */
public record StartBenchSettings(
    @Setting(value = "starts of each kind", defaultValue = "5") int rounds,
    @Setting(value = "after it is ready, until its memory is looked at", defaultValue = "30s")
        Duration idle) {

  public StartBenchSettings {
    if (rounds < 1 || rounds > 100) {
      throw new IllegalArgumentException("--rounds must be 1 to 100, found " + rounds);
    }
    if (idle.isNegative()) {
      throw new IllegalArgumentException("--idle must not be negative, found " + idle);
    }
  }
}
