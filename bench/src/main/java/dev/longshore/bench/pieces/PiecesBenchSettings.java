package dev.longshore.bench.pieces;

import dev.longshore.service.settings.Setting;
import java.time.Duration;

/** The settings of {@code bench pieces}. */
public record PiecesBenchSettings(
    @Setting(value = "what is measured", defaultValue = "handling") Subject subject,
    @Setting(value = "measured rounds, after two to warm up", defaultValue = "5") int rounds,
    @Setting(value = "length of a round", defaultValue = "1s") Duration time) {

  /** What can be measured. */
  public enum Subject {
    /** Checking and storing pieces, beside bare loops. */
    HANDLING,
    /** Compressing them, beside sending and hashing them. */
    COMPRESSION
  }

  public PiecesBenchSettings {
    if (rounds < 1) {
      throw new IllegalArgumentException("--rounds must be at least 1, found " + rounds);
    }
    if (time.toMillis() < 1) {
      throw new IllegalArgumentException("--time must be at least 1ms, found " + time);
    }
  }
}
