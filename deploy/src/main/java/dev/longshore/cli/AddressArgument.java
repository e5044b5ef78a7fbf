package dev.longshore.cli;

import dev.longshore.service.unit.HostAndPort;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code HOST:PORT} on the command line. */
final class AddressArgument implements ITypeConverter<HostAndPort> {
  @Override
  public HostAndPort convert(String text) {
    try {
      return HostAndPort.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }
}
