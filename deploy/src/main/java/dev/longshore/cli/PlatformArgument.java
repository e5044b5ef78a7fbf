package dev.longshore.cli;

import dev.longshore.oci.Platform;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Which image of several is meant.
 *
 * @param one of them; empty for all
 */
record PlatformArgument(Optional<Platform> one) {

  /** Reads {@code OS/ARCH[/VARIANT]} or {@code all}. */
  static final class Converter implements ITypeConverter<PlatformArgument> {
    @Override
    public PlatformArgument convert(String text) {
      try {
        return new PlatformArgument(
            text.equals("all") ? Optional.empty() : Optional.of(Platform.parse(text)));
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage() + ", or 'all'");
      }
    }
  }

  @Override
  public String toString() {
    return one.map(Platform::toString).orElse("all");
  }
}
