package dev.longshore.bench.small;

import dev.longshore.service.settings.Setting;
import dev.longshore.service.unit.DataSize;
import java.time.Duration;

/** The settings of {@code bench small}. */
public record SmallBenchSettings(
    @Setting(value = "images pulled in each way, none of them twice", defaultValue = "40")
        int images,
    @Setting(value = "images that go before, to warm all processes up", defaultValue = "40")
        int warmup,
    @Setting(value = "layers of an image", defaultValue = "40") int layers,
    @Setting(value = "size of a layer", defaultValue = "20KB") DataSize size,
    @Setting(value = "blobs that a puller asks for at a time", defaultValue = "3") int parallel,
    @Setting(value = "added one way between everybody and the origin", defaultValue = "0ms")
        Duration delay,
    @Setting(value = "agents, of which the last ones pull together", defaultValue = "4")
        int agents) {

  public SmallBenchSettings {
    if (images < 1 || images > 10_000 || warmup < 0 || warmup > 10_000) {
      throw new IllegalArgumentException(
          "--images must be 1 to 10000 and --warmup 0 to 10000, found " + images + ", " + warmup);
    }
    if (layers < 1 || layers > 1_000 || parallel < 1 || parallel > 1_000) {
      throw new IllegalArgumentException(
          "--layers and --parallel must be 1 to 1000, found " + layers + " and " + parallel);
    }
    if (size.bytes() < 1 || size.bytes() > 16 << 20) {
      throw new IllegalArgumentException("--size must be 1B to 16MiB, found " + size);
    }
    if (agents < 3 || agents > 32) {
      throw new IllegalArgumentException("--agents must be 3 to 32, found " + agents);
    }
    if (delay.isNegative() || delay.toSeconds() >= 1) {
      throw new IllegalArgumentException("--delay must be 0ms to 999ms, found " + delay);
    }
  }
}
