package dev.longshore.cli;

import dev.longshore.oci.Reference;

/** An image reference on the command line. */
final class ReferenceArgument {
  private ReferenceArgument() {}

  /** Parses it; what is wrong with it is the user's to mend, and is told without a stack trace. */
  static Reference parse(String text) {
    try {
      return Reference.parse(text);
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(String.valueOf(e.getMessage()));
    }
  }
}
