package dev.longshore.bench.store;

import dev.longshore.service.settings.Setting;

/** The settings of {@code bench store}. */
public record StoreBenchSettings(
    @Setting(value = "blobs in the store", defaultValue = "250") int blobs,
    @Setting(value = "pieces of 256 KiB in each, in sparse files", defaultValue = "4000")
        int pieces,
    @Setting(value = "times that it is opened after each kind of stop", defaultValue = "5")
        int rounds) {

  public StoreBenchSettings {
    inRange("--blobs", blobs, 10, 5_000);
    inRange("--pieces", pieces, 1, 1 << 20);
    inRange("--rounds", rounds, 1, 100);
  }

  private static void inRange(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + " must be " + least + " to " + most + ", found " + value);
    }
  }
}
