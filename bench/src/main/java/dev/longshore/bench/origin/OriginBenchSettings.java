package dev.longshore.bench.origin;

import dev.longshore.service.settings.Setting;
import dev.longshore.service.unit.DataSize;
import java.time.Duration;

/** The settings of {@code bench origin}. */
public record OriginBenchSettings(
    @Setting(value = "measured rounds, after one to warm up", defaultValue = "3") int rounds,
    @Setting(value = "length of each load", defaultValue = "5s") Duration time,
    @Setting(value = "size of the blob that is pulled", defaultValue = "73MiB") DataSize blob,
    @Setting(value = "size of the blob that is pushed", defaultValue = "1GiB") DataSize push) {

  public OriginBenchSettings {
    if (rounds < 1) {
      throw new IllegalArgumentException("--rounds must be at least 1, found " + rounds);
    }
    if (time.toSeconds() < 1) {
      throw new IllegalArgumentException("--time must be at least 1s, found " + time);
    }
    if (blob.bytes() < 1 || blob.bytes() > 1L << 30) {
      throw new IllegalArgumentException("--blob must be 1B to 1GiB, found " + blob);
    }
  }
}
