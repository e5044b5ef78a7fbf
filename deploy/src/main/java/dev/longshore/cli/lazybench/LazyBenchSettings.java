package dev.longshore.cli.lazybench;

import dev.longshore.service.settings.Setting;
import dev.longshore.service.unit.DataRate;
import java.util.Optional;

/** The settings of {@code bench lazy}. */
public record LazyBenchSettings(
    @Setting(value = "what starts: python, nginx, postgresql, jdk or all", defaultValue = "python")
        String image,
    @Setting(
            value = "what the way from the registry to the node takes; without, all that it can",
            placeholder = "RATE")
        Optional<DataRate> rate,
    @Setting(
            value = "measured rounds, each with an image nobody has, after two to warm up",
            defaultValue = "10")
        int rounds) {

  public LazyBenchSettings {
    if (rounds < 1) {
      throw new IllegalArgumentException("--rounds must be at least 1, found " + rounds);
    }
  }
}
