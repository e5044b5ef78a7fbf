package dev.longshore.cli;

import dev.longshore.oci.Reference;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** An image reference on the command line. */
final class ReferenceArgument implements ITypeConverter<Reference> {

  @Override
  public Reference convert(String text) {
    try {
      return Reference.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }

  /** Parses it; what is wrong with it is the user's to mend, and is told without a stack trace. */
  static Reference parse(String text) {
    try {
      return Reference.parse(text);
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(String.valueOf(e.getMessage()));
    }
  }
}
