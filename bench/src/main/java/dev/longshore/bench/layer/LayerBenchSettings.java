package dev.longshore.bench.layer;

import dev.longshore.service.settings.Setting;
import dev.longshore.service.unit.DataSize;
import java.nio.file.Path;
import java.util.Optional;

/** The settings of {@code bench layer}. */
public record LayerBenchSettings(
    @Setting(
            value = "a layer as registries have it; without, one is made of this machine's /usr",
            placeholder = "FILE")
        Optional<Path> layer,
    @Setting(value = "output a span is to have", defaultValue = "512KiB") DataSize span,
    @Setting(value = "measured rounds, after one to warm up", defaultValue = "5") int rounds) {

  public LayerBenchSettings {
    if (rounds < 1) {
      throw new IllegalArgumentException("--rounds must be at least 1, found " + rounds);
    }
    if (span.bytes() < 64 << 10) {
      throw new IllegalArgumentException("--span must be at least 64KiB, found " + span);
    }
  }
}
