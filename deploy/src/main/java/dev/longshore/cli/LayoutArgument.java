package dev.longshore.cli;

import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Where an OCI layout is, {@code oci:DIR} as skopeo writes it. */
final class LayoutArgument implements ITypeConverter<Path> {
  private static final String PREFIX = "oci:";

  @Override
  public Path convert(String text) {
    if (!text.startsWith(PREFIX) || text.length() == PREFIX.length()) {
      throw new TypeConversionException(
          "expected oci:DIR, the folder of an OCI layout, found '" + text + "'");
    }
    return Path.of(text.substring(PREFIX.length()));
  }
}
