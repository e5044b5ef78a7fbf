package dev.longshore.bench.swarm;

import dev.longshore.service.settings.Setting;
import dev.longshore.service.unit.DataRate;
import dev.longshore.service.unit.DataSize;

/** The settings of {@code bench swarm}. */
public record SwarmBenchSettings(
    @Setting(value = "agents that pull together", defaultValue = "8") int agents,
    @Setting(
            value = "most that each member sends and receives, and the origin sends",
            defaultValue = "20MB/s")
        DataRate cap,
    @Setting(value = "size of the blob", defaultValue = "400MB") DataSize size,
    @Setting(value = "blobs pulled one after the other by the same processes", defaultValue = "3")
        int rounds) {

  public SwarmBenchSettings {
    if (agents < 1 || agents > 64) {
      throw new IllegalArgumentException("--agents must be 1 to 64, found " + agents);
    }
    if (rounds < 1 || rounds > 100) {
      throw new IllegalArgumentException("--rounds must be 1 to 100, found " + rounds);
    }
    if (size.bytes() < 1) {
      throw new IllegalArgumentException("--size must be at least 1B, found " + size);
    }
  }
}
