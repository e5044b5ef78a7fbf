package dev.longshore.cli;

import dev.longshore.oci.Digest;
import dev.longshore.oci.Reference;
import dev.longshore.service.unit.Durations;
import dev.longshore.service.unit.HostAndPort;
import java.time.Duration;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How arguments of each type are read; what is wrong with one is told in the parser's words. */
final class ArgumentTypes {

  private ArgumentTypes() {}

  static void register(CommandLine line) {
    line.registerConverter(Digest.class, parsedBy(Digest::parse));
    line.registerConverter(Duration.class, parsedBy(Durations::parse));
    line.registerConverter(HostAndPort.class, parsedBy(HostAndPort::parse));
    line.registerConverter(PlatformArgument.class, parsedBy(PlatformArgument::parse));
    line.registerConverter(Reference.class, parsedBy(Reference::parse));
  }

  private static <T> ITypeConverter<T> parsedBy(Function<String, T> parser) {
    return text -> {
      try {
        return parser.apply(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    };
  }
}
