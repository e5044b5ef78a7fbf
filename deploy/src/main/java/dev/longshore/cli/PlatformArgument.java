package dev.longshore.cli;

import dev.longshore.oci.Platform;
import java.util.Optional;

/**
 * Which image of several is meant.
 *
 * @param one of them; empty for all
 */
record PlatformArgument(Optional<Platform> one) {

  /** Reads {@code OS/ARCH[/VARIANT]} or {@code all}. */
  static PlatformArgument parse(String text) {
    try {
      return new PlatformArgument(
          text.equals("all") ? Optional.empty() : Optional.of(Platform.parse(text)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(e.getMessage() + ", or 'all'", e);
    }
  }

  @Override
  public String toString() {
    return one.map(Platform::toString).orElse("all");
  }
}
